using Mailbox.IntegrationTests.Accessibility;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>What holds for all pages at <c>/demos</c>, on a node that has nothing beside it.</summary>
[Collection(Console.OwnPages.Name)]
public sealed class PageTests(DemoBrowser browser)
{
    private static readonly string[] WithBackend = ["Quotes", "A backend without connections", "Kill a node"];

    [Fact]
    public async Task The_index_leads_to_each_page_and_those_without_their_backend_say_how_to_start_it()
    {
        await using var site = await ChatNode.StartAsync();
        await using var context = await browser.Chromium!.NewContextAsync();
        var page = await DemoPage.OpenAsync(context, site.Address, "/demos");
        await page.ShootAsync("index");

        foreach (var title in WithBackend)
        {
            await page.Page.ClickAsync($"text=\"{title}\"");
            (await page.Page.InnerTextAsync("h1")).ShouldBe(title);
            await page.Page.WaitForSelectorAsync("#hint:has-text(\"./dev demos\")");
            await page.Page.ClickAsync("text=\"All demos\"");
        }

        await page.Page.ClickAsync("text=\"Chat\"");
        (await page.Page.InnerTextAsync("h1")).ShouldBe("Chat");
        (await page.Page.QuerySelectorAsync("#hint")).ShouldBeNull();
    }

    [Theory]
    [InlineData("/demos", ColorScheme.Light)]
    [InlineData("/demos/chat", ColorScheme.Dark)]
    [InlineData("/demos/quotes", ColorScheme.Light)]
    [InlineData("/demos/ask", ColorScheme.Dark)]
    [InlineData("/demos/kill", ColorScheme.Light)]
    public async Task Nothing_is_cut_off_on_a_narrow_screen_and_none_has_a_serious_fault(string path, ColorScheme scheme)
    {
        await using var site = await ChatNode.StartAsync();
        await using var context = await browser.Chromium!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = 320, Height = 640 },
        });
        var page = await DemoPage.OpenAsync(context, site.Address, path);

        await page.Page.ShouldFindNothingSeriousAsync();
        (await page.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(320);
        await page.ShootAsync($"narrow-{path.Split('/')[^1]}");
    }
}
