using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>Two tabs on one mailbox: the newest wins, and the older stops for good.</summary>
[Collection(BrowserTests.Name)]
public class TakeoverTests(BrowserFixture fixture)
{
    [Fact]
    public async Task Of_two_tabs_the_older_is_told_replaced_and_stops_for_good_after_its_own_reconnect_was_refused()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        var context = await fixture.NewContextAsync();
        await using var older = await BrowserPage.OpenAsync(context, relay);
        await using var newer = await BrowserPage.OpenAsync(context, relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");

        var olderStream = await older.EventSourceAsync(mailbox);
        await olderStream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "to the older");
        await olderStream.UntilMessagesAsync(1);
        var newerStream = await newer.EventSourceAsync(mailbox, "?after=now");
        await newerStream.UntilOpenAsync();

        var stopped = await olderStream.UntilClosedForGoodAsync();
        stopped.Controls.ShouldBe(["mailbox.open", "mailbox.replaced"]);
        stopped.Opens.ShouldBe(1);
        await sender.SendAsync(mailbox, "to the newer");
        var alive = await newerStream.UntilMessagesAsync(1);

        // The newer was never disturbed, and the older connected exactly twice: at first, and to be refused.
        alive.Texts.ShouldBe(["to the newer"]);
        alive.Controls.ShouldBe(["mailbox.open"]);
        (alive.Opens, alive.Errors, alive.ReadyState).ShouldBe((1, 0, 1));
        (await olderStream.StateAsync()).Texts.ShouldBe(["to the older"]);
        relay.Opens.Count(open => open.Target.EndsWith("after=now", StringComparison.Ordinal)).ShouldBe(1);
        relay.Opens.Where(open => open.Target.EndsWith(mailbox, StringComparison.Ordinal)).Select(open => open.LastEventId)
            .ShouldBe([null, stopped.Last("mailbox.replaced").Cursor]);
        older.ShouldHaveNoErrors();
        newer.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_tab_that_never_read_replaced_is_refused_when_it_comes_back_and_stops()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var older = await fixture.OpenPageAsync(relay);
        await using var newer = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var olderStream = await older.EventSourceAsync(mailbox);
        await olderStream.UntilOpenAsync();

        // The node says so, and the connection breaks before it arrives.
        relay.HoldBack();
        var newerStream = await newer.EventSourceAsync(mailbox);
        await newerStream.UntilOpenAsync();
        await Eventually.HoldsAsync(
            () => relay.HeldBack.Contains("mailbox.replaced", StringComparison.Ordinal),
            BrowserPage.Deadline,
            "the node has written mailbox.replaced");
        await relay.CutAsync();

        var stopped = await olderStream.UntilClosedForGoodAsync();
        stopped.Controls.ShouldBe(["mailbox.open"]);
        relay.Opens.Select(open => open.LastEventId).ShouldBe([null, stopped.Last("mailbox.open").Cursor]);
        await sender.SendAsync(mailbox, "to the newer");
        var alive = await newerStream.UntilMessagesAsync(1);
        (alive.Opens, alive.Errors, alive.ReadyState).ShouldBe((1, 0, 1));
        older.ShouldHaveOnlyNetworkErrors();
        newer.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_tab_that_read_replaced_stops_even_if_the_newer_one_has_left_since()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var older = await fixture.OpenPageAsync(relay);
        await using var newer = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var olderStream = await older.EventSourceAsync(mailbox);
        await olderStream.UntilOpenAsync();
        relay.Refuse();
        var newerStream = await newer.EventSourceAsync(mailbox);
        await olderStream.UntilEventAsync("mailbox.replaced");
        await relay.CutAsync();

        await newerStream.CloseAsync();
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync(mailbox, "is anybody there?")).Status == 202,
            BrowserPage.Deadline,
            "the mailbox has no receiver");
        relay.Accept();

        var stopped = await olderStream.UntilClosedForGoodAsync();
        stopped.Messages.ShouldBeEmpty();
        older.ShouldHaveOnlyNetworkErrors();
        newer.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_tab_that_watches_takes_nothing_over()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var watcher = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        var watching = await watcher.EventSourceAsync(mailbox, "?mode=shared");
        await watching.UntilOpenAsync();

        await sender.SendAsync(mailbox, "to both");

        (await watching.UntilMessagesAsync(1)).Texts.ShouldBe(["to both"]);
        var state = await stream.UntilMessagesAsync(1);
        state.Texts.ShouldBe(["to both"]);
        state.Controls.ShouldBe(["mailbox.open"]);
        page.ShouldHaveNoErrors();
        watcher.ShouldHaveNoErrors();
    }
}
