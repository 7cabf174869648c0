using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mailbox.IntegrationTests.Console;

/// <summary>The page is for all to load; what it shows is for those who may see it.</summary>
[Collection(OwnPages.Name)]
public class ConsoleAccessTests(ConsoleSite site)
{
    private static readonly TokenIssuer Issuer = TokenIssuer.Symmetric(new byte[32]);

    private static readonly string Admin = Issuer.Make("admin", ("mailbox.admin", "*"));

    private static readonly string Reader = Issuer.Make("reader", ("mailbox.open", "*"), ("mailbox.deliver", "*"));

    [Fact]
    public async Task It_asks_for_a_key_says_when_that_is_not_enough_and_forgets_it()
    {
        await using var node = await StartAsync();
        await using var page = await site.OpenAsync("/mailboxes", node);
        var dialog = page.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("Who are you?");
        await dialog.GetByLabel("Key or token").FillAsync("no-such-key");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(dialog).ToContainTextAsync("That key does not hold");

        await dialog.GetByLabel("Key or token").FillAsync(Reader);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await Expect(page.Page.Locator("#said")).ToContainTextAsync("lacks the scope");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Forget the key" }).ClickAsync();
        await dialog.GetByLabel("Key or token").FillAsync(Admin);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Mailboxes" })).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await Expect(page.Page.GetByText("Live, every two seconds.")).ToBeVisibleAsync();

        // It is this tab's, and in no address.
        await page.Page.ReloadAsync();
        await Expect(page.Page.GetByText("Live, every two seconds.")).ToBeVisibleAsync();
        page.Page.Url.ShouldNotContain(Admin);
        (await page.Page.EvaluateAsync<int>("localStorage.length")).ShouldBe(0);
        page.ShouldBeClean("401", "403");
    }

    [Fact]
    public async Task The_nodes_figures_are_for_who_administers_them_and_from_nobody_else()
    {
        await using var node = await StartAsync();
        var path = MailboxRoutes.ForMailbox(NodeFigures.Destination);

        (await node.CallAsync("GET", path + "/info", null, AccessSite.Bearer(Reader))).Status.ShouldBe(403);
        (await node.CallAsync("GET", path + "/info", null, AccessSite.Bearer(Admin))).Status.ShouldBeOneOf(200, 404);
        (await node.CallAsync("POST", path + "/messages", [1], AccessSite.Bearer(Admin))).Status.ShouldBe(403);
        (await node.CallAsync("GET", MailboxRoutes.Groups, null, AccessSite.Bearer(Reader))).Status.ShouldBe(403);
        (await node.CallAsync("GET", MailboxRoutes.Groups + "?prefix=a", null, AccessSite.Bearer(Admin))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Without_the_console_no_node_tells_anything()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried);

        var answer = await node.CallAsync("GET", MailboxRoutes.ForMailbox(NodeFigures.Destination), null, ("Accept", "application/x-ndjson"));

        answer.Status.ShouldBe(404);
        (await node.GetAsync(MailboxRoutes.ForInfo(NodeFigures.Destination))).Status.ShouldBe(404);
    }

    private Task<MailboxNode> StartAsync() => site.StartNodeAsync(
        ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
        ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
        ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience));
}
