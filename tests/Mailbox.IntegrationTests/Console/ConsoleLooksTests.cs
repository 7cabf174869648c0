using Mailbox.Contracts;
using Mailbox.IntegrationTests.Accessibility;
using Mailbox.IntegrationTests.Browser;
using Mailbox.TestKit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mailbox.IntegrationTests.Console;

/// <summary>For everybody: light and dark, narrow and wide, by keyboard, and for those who hear the page.</summary>
[Collection(OwnPages.Name)]
public class ConsoleLooksTests(ConsoleSite site)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    public async Task No_view_has_a_serious_fault_and_none_is_wider_than_the_screen(ColorScheme scheme, int width)
    {
        var (mailbox, group) = (Names.Fresh("looks"), Names.Fresh("looks"));
        await site.A.DeliverAllAsync(mailbox, ["hello", """{"n":1}""", new string('x', 400)]);
        await site.A.CallAsync("PUT", MailboxRoutes.ForGroupMember(group, mailbox));
        await using var stream = await site.B.OpenAsync(Way.Sse, mailbox);
        foreach (var (name, view, ready) in new[]
        {
            ("overview", "/", "ready"), ("mailboxes", "/mailboxes?prefix=looks", mailbox), ("mailbox", $"/mailboxes/{mailbox}", "present: "),
            ("groups", "/groups?prefix=looks", group), ("group", $"/groups/{group}", "1 members;"),
        })
        {
            await using var page = await site.OpenAsync(
                view, options: new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } });
            await Expect(page.Page.GetByText(ready, new() { Exact = false }).First).ToBeVisibleAsync();

            await page.Page.ShouldFindNothingSeriousAsync();

            (await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width, name);
            await Pictures.TakeAsync(page.Page, $"console-{name}-{scheme.ToString().ToLowerInvariant()}-{width}");
            page.ShouldBeClean();
        }
    }

    [Fact]
    public async Task A_keyboard_is_enough()
    {
        var mailbox = Names.Fresh("keys");
        await site.A.DeliverAllAsync(mailbox, ["hello"]);
        await using var page = await site.OpenAsync("/mailboxes");
        await Expect(page.Page.GetByLabel("Name, or how names begin")).ToBeVisibleAsync();

        await page.Page.Keyboard.PressAsync("Tab");
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await page.Page.GetByLabel("Name, or how names begin").FocusAsync();
        await page.Page.Keyboard.TypeAsync(mailbox);
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = $"Mailbox {mailbox}" })).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the mailbox" }).FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        (await site.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);

        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the mailbox" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Shift+Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByText("The mailbox is removed.")).ToBeVisibleAsync();
    }
}
