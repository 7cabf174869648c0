using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>Nodes, Redis and pages that go away: <c>/mailbox.js</c> goes on where it was.</summary>
[Collection(BrowserNodeTests.Name)]
public class ComingBackTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Fact]
    public async Task A_killed_node_costs_nothing_and_gives_nothing_twice()
    {
        await using var dying = await fixture.Redis.StartNodeAsync(Cluster.Unhurried);
        await using var relay = new TcpRelay(dying.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2"]);
        await tab.UntilMessagesAsync(_mailbox, 2);

        await dying.KillAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["3", "4"]);
        await relay.SwitchToAsync(fixture.Node.BaseAddress);

        var told = await tab.UntilMessagesAsync(_mailbox, 4);
        told.Texts.ShouldBe(["1", "2", "3", "4"]);
        told.States.ShouldContain("waiting");
        tab.Page.ShouldHaveOnlyNetworkErrors();
    }

    [Fact]
    public async Task A_draining_node_is_left_and_its_refusals_are_waited_out()
    {
        await using var leaving = await fixture.Redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:DrainWindow", "00:00:01"));
        await using var relay = new TcpRelay(leaving.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");

        leaving.Terminate();
        await tab.UntilStateAsync(_mailbox, "waiting");
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await relay.SwitchToAsync(fixture.Node.BaseAddress);

        (await tab.UntilMessagesAsync(_mailbox, 1)).Texts.ShouldBe(["1"]);
        (await leaving.WaitForExitAsync(TimeSpan.FromSeconds(30))).ShouldBe(0);
    }

    [Fact]
    public async Task A_full_node_says_when_to_come_back()
    {
        await using var full = await fixture.Redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:MaxConnections", "1"));
        await using var relay = new TcpRelay(full.BaseAddress);
        var first = await full.OpenAsync(Way.Ndjson, Names.Fresh("first"));
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox);

        var told = await tab.UntilStateAsync(_mailbox, "waiting");

        // Retry-After of a full node is two to nine seconds; without it the first pause is at most one.
        told.Details[^1].GetProperty("inMs").GetDouble().ShouldBeGreaterThanOrEqualTo(2_000);
        await first.DisposeAsync();
        await tab.UntilStateAsync(_mailbox, "open");
    }

    [Fact]
    public async Task A_page_that_remembers_goes_on_after_a_reload_as_the_same_receiver()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox, new { remember = true });
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await tab.UntilMessagesAsync(_mailbox, 1);
        var receiver = (await fixture.Node.InfoOfAsync(_mailbox)).Receiver;

        await tab.Page.ReloadAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["2"]);
        await tab.OpenMailboxAsync(_mailbox, new { remember = true });

        (await tab.UntilMessagesAsync(_mailbox, 1)).Texts.ShouldBe(["2"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Receiver.ShouldBe(receiver);
    }

    [Fact]
    public async Task A_place_of_another_server_is_forgotten()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.Page.Page.EvaluateAsync("name => sessionStorage.setItem(`mailbox:/v1/mailboxes/${name}`, 'no-cursor')", _mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await tab.OpenMailboxAsync(_mailbox, new { remember = true });

        var told = await tab.UntilMessagesAsync(_mailbox, 1);

        told.Texts.ShouldBe(["1"]);
        told.Resets.ShouldBe(["lost"]);
    }

    [Fact]
    public async Task A_hidden_page_leaves_and_comes_back_when_it_is_seen()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox, new { pauseWhenHidden = 0 });
        await tab.UntilStateAsync(_mailbox, "open");

        await ShowAsync(tab, "hidden");
        await tab.UntilAsync(_mailbox, "told.details.at(-1).reason === 'hidden'");
        await Eventually.HoldsAsync(async () => !(await fixture.Node.InfoOfAsync(_mailbox)).Connected, BrowserPage.Deadline, "it has left");
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await ShowAsync(tab, "visible");

        (await tab.UntilMessagesAsync(_mailbox, 1)).Texts.ShouldBe(["1"]);
    }

    /// <summary>A headless browser hides no page by itself.</summary>
    private static async Task ShowAsync(LibraryTab tab, string state) => await tab.Page.Page.EvaluateAsync(
        "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }",
        state);
}
