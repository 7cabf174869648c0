using Mailbox.Contracts;
using Mailbox.IntegrationTests.Browser;
using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The sample page, in a real browser.</summary>
[Collection(BrowserSampleTests.Name)]
public sealed class PageTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Messages_are_shown_once_and_acknowledged_also_over_a_broken_connection()
    {
        var mailbox = Names.Fresh("page");
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await fixture.Node.DeliverAsync(mailbox, "<b>1</b>");
        await using var context = await fixture.NewContextAsync();
        var page = await OpenAsync(context, relay, mailbox);
        await fixture.Node.DeliverAsync(mailbox, """{"n":2}""", ("Content-Type", "application/json"), ("Mailbox-Type", "news"));
        await UntilAsync(page, ["<b>1</b>", """{"n":2}"""]);
        await fixture.Node.WaitUntilKeptAsync(mailbox, 0);

        await relay.CutAsync();
        await fixture.Node.DeliverAsync(mailbox, "3");

        await UntilAsync(page, ["<b>1</b>", """{"n":2}""", "3"]);
        await fixture.Node.WaitUntilKeptAsync(mailbox, 0);
    }

    [Fact]
    public async Task Gap_reset_and_replaced_are_told_and_the_replaced_page_stops()
    {
        var mailbox = Names.Fresh("page");
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await fixture.Node.PutAsync(mailbox, """{"maxMessages":1,"overflow":"dropOldest"}""");
        await fixture.Node.DeliverAllAsync(mailbox, ["1", "2"]);
        await using var context = await fixture.NewContextAsync();
        var page = await OpenAsync(context, relay, mailbox);
        await UntilAsync(page, ["2"]);
        await StatusAsync(page, "gap: 1 to 1 will not come (dropped)");

        await fixture.Node.DeleteAsync(MailboxRoutes.ForMailbox(mailbox));
        await StatusAsync(page, "reset: lost");

        await using var other = await fixture.Node.OpenAsync(Way.Sse, mailbox);
        await StatusAsync(page, "replaced: another window has the mailbox");
        await fixture.Node.DeliverAsync(mailbox, "3");
        (await other.TextsAsync(1)).ShouldBe(["3"]);
        relay.Opens.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_that_was_superseded_while_it_was_away_stops()
    {
        var mailbox = Names.Fresh("page");
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        var page = await OpenAsync(context, relay, mailbox);
        await StatusAsync(page, "connected");
        relay.Refuse();
        await relay.CutAsync();
        await using var other = await fixture.Node.OpenAsync(Way.Sse, mailbox);
        relay.Accept();

        await StatusAsync(page, "replaced: another window has the mailbox");
    }

    [Fact]
    public async Task A_page_whose_node_drains_comes_back()
    {
        var mailbox = Names.Fresh("page");
        await using var leaving = await fixture.Redis.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        await using var relay = new TcpRelay(leaving.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        var page = await OpenAsync(context, relay, mailbox);
        await StatusAsync(page, "connected");

        leaving.Terminate();
        await StatusAsync(page, "draining: coming back");
        await relay.SwitchToAsync(fixture.Node.BaseAddress);
        await fixture.Node.DeliverAsync(mailbox, "1");

        await UntilAsync(page, ["1"]);
    }

    private static async Task<IPage> OpenAsync(IBrowserContext context, TcpRelay relay, string mailbox)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(relay.Address, $"{TestPage.Sample}?mailbox={mailbox}").AbsoluteUri);
        return page;
    }

    private static async Task UntilAsync(IPage page, string[] texts) => await page.WaitForFunctionAsync(
        "texts => JSON.stringify([...document.querySelectorAll('#messages li')].map(item => item.textContent)) === JSON.stringify(texts)",
        texts);

    private static async Task StatusAsync(IPage page, string text) =>
        await page.WaitForFunctionAsync("text => document.querySelector('#status').textContent === text", text);
}

/// <summary>Beside the tests of the streams.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserSampleTests : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser, sample";
}
