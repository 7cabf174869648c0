using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>All tabs of an origin on one connection.</summary>
[Collection(BrowserNodeTests.Name)]
public class TabsTests(BrowserFixture fixture)
{
    private const int Tabs = 8;

    private static readonly object Shared = new { tabs = true, remember = true };

    private readonly string _mailbox = Names.Fresh("library");

    [Fact]
    public async Task Eight_tabs_have_one_connection_and_each_has_every_message_once_and_in_order()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        var tabs = await OpenTabsAsync(context, relay);

        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2", "3"]);
        foreach (var tab in tabs)
        {
            (await tab.UntilMessagesAsync(_mailbox, 3)).Texts.ShouldBe(["1", "2", "3"]);
        }

        relay.Opens.Count(open => open.Target.Contains(_mailbox, StringComparison.Ordinal)).ShouldBe(1);
        await Eventually.HoldsAsync(async () => (await fixture.Node.InfoOfAsync(_mailbox)).Messages == 0, BrowserPage.Deadline, "all are acknowledged");
    }

    [Fact]
    public async Task When_the_tab_that_leads_goes_another_goes_on_where_it_was()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        var tabs = await OpenTabsAsync(context, relay);
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await Task.WhenAll(tabs.Select(tab => tab.UntilMessagesAsync(_mailbox, 1)));
        var receiver = (await fixture.Node.InfoOfAsync(_mailbox)).Receiver;

        // The one that was opened first has the lock: its tab is closed, then the next one's receiver.
        await tabs[0].Page.Page.CloseAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["2"]);
        await Task.WhenAll(tabs.Skip(1).Select(tab => tab.UntilMessagesAsync(_mailbox, 2)));
        await tabs[1].CloseMailboxAsync(_mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["3"]);

        foreach (var tab in tabs.Skip(2))
        {
            (await tab.UntilMessagesAsync(_mailbox, 3)).Texts.ShouldBe(["1", "2", "3"]);
        }

        (await tabs[1].StateAsync(_mailbox)).Texts.ShouldBe(["1", "2"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Receiver.ShouldBe(receiver);
        relay.Opens.Count(open => open.Target.Contains(_mailbox, StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task A_tab_that_still_handles_what_another_acknowledged_goes_on_behind_it_and_hears_of_no_gap()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        await using var quick = await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(context, relay));
        await quick.OpenMailboxAsync(_mailbox, new { tabs = true });
        await quick.UntilStateAsync(_mailbox, "open");
        await using var slow = await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(context, relay));
        await slow.OpenMailboxAsync(
            _mailbox,
            new { tabs = true, onMessage = "(message, told) => message.data === 'slow' ? new Promise(resolve => told.finish = resolve) : null" });
        await slow.UntilStateAsync(_mailbox, "open");
        await fixture.Node.DeliverAllAsync(_mailbox, ["slow", "2", "3"]);
        await quick.UntilMessagesAsync(_mailbox, 3);
        await slow.UntilMessagesAsync(_mailbox, 1);
        await Eventually.HoldsAsync(async () => (await fixture.Node.InfoOfAsync(_mailbox)).Messages == 0, BrowserPage.Deadline, "all are acknowledged");

        await quick.CloseMailboxAsync(_mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["4"]);
        await Task.Delay(500); // opened too early, it would have heard of a gap by now
        await slow.Page.Page.EvaluateAsync("name => seen[name].finish()", _mailbox);

        var told = await slow.UntilMessagesAsync(_mailbox, 4);
        told.Texts.ShouldBe(["slow", "2", "3", "4"]);
        told.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_are_told_when_another_receiver_takes_over()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var context = await fixture.NewContextAsync();
        var tabs = await OpenTabsAsync(context, relay);

        await using var other = await fixture.Node.OpenAsync(Way.Ndjson, _mailbox);

        await Task.WhenAll(tabs.Select(tab => tab.UntilStateAsync(_mailbox, "replaced")));
        (await fixture.Node.InfoOfAsync(_mailbox)).Connected.ShouldBeTrue();
    }

    private async Task<IReadOnlyList<LibraryTab>> OpenTabsAsync(IBrowserContext context, TcpRelay relay)
    {
        var tabs = new List<LibraryTab>();
        for (var i = 0; i < Tabs; i++)
        {
            tabs.Add(await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(context, relay)));
            await tabs[i].OpenMailboxAsync(_mailbox, Shared);
            await tabs[i].UntilStateAsync(_mailbox, "open");
        }

        return tabs;
    }
}
