using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>
/// An EventSource never comes back after a status other than 200. So it must live through every reconnect into something
/// that cannot serve it now.
/// </summary>
[Collection(BrowserNodeTests.Name)]
public class NodeAwayTests(BrowserFixture fixture)
{
    [Fact]
    public async Task An_EventSource_whose_node_goes_away_is_told_so_and_goes_on_at_another()
    {
        await using var leaving = await MailboxNode.StartAsync(fixture.Redis, Drains("00:00:01"));
        await using var relay = new TcpRelay(leaving.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await stream.UntilMessagesAsync(1);

        leaving.Terminate();
        await sender.SendAsync(mailbox, "2");
        var told = await stream.UntilEventAsync("mailbox.draining");
        await sender.SendAsync(mailbox, "3");
        await relay.SwitchToAsync(fixture.Node.BaseAddress);
        await stream.UntilMessagesAsync(3);
        await sender.SendAsync(mailbox, "4");

        var after = await stream.UntilMessagesAsync(4);
        after.Texts.ShouldBe(["1", "2", "3", "4"]);
        after.Controls.ShouldBe(["mailbox.open", "mailbox.draining", "mailbox.open"]);
        relay.Opens.Last().LastEventId.ShouldBe(told.Last("mailbox.draining").Cursor);
        (await leaving.WaitForExitAsync(TimeSpan.FromSeconds(30))).ShouldBe(0);
        page.ShouldHaveOnlyNetworkErrors();
    }

    [Fact]
    public async Task An_EventSource_that_comes_back_into_a_draining_node_lives_and_goes_on_at_another()
    {
        await using var leaving = await MailboxNode.StartAsync(fixture.Redis, Drains("00:00:30"));
        await using var relay = new TcpRelay(leaving.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await stream.UntilMessagesAsync(1);

        // The node drains for as long as one of these is still to be ended: far longer than the browser needs.
        var others = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => Receivers.SseAsync(leaving.BaseAddress, Names.Fresh("other"))));
        relay.Refuse();
        leaving.Terminate();
        await Eventually.HoldsAsync(
            async () => (int)(await leaving.Http.GetAsync("/health/ready")).StatusCode == 503, BrowserPage.Deadline, "the node drains");
        await relay.CutAsync();
        await sender.SendAsync(mailbox, "2");
        relay.Accept();
        var told = (await stream.UntilEventAsync("mailbox.unavailable")).Last("mailbox.unavailable").Json;
        told.GetProperty("status").GetInt32().ShouldBe(503);
        told.GetProperty("reason").GetString().ShouldBe("draining");

        await relay.SwitchToAsync(fixture.Node.BaseAddress);
        await sender.SendAsync(mailbox, "3");
        await stream.UntilMessagesAsync(3);
        await sender.SendAsync(mailbox, "4");

        var after = await stream.UntilMessagesAsync(4);
        after.Texts.ShouldBe(["1", "2", "3", "4"]);

        // It may have tried more than once before the relay led to the other node.
        after.Controls.Where(control => control != "mailbox.unavailable").ShouldBe(["mailbox.open", "mailbox.open"]);
        relay.Opens.Skip(1).ShouldAllBe(open => open.LastEventId == after.Messages[0].Cursor);
        page.ShouldHaveOnlyNetworkErrors();
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_EventSource_that_finds_no_room_on_its_node_lives_and_gets_in_when_there_is_some()
    {
        await using var node = await MailboxNode.StartAsync(
            fixture.Redis,
            new MailboxNodeOptions { Settings = new Dictionary<string, string> { ["Mailbox:MaxConnections"] = "1" } });
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var other = await Receivers.SseAsync(node.BaseAddress, Names.Fresh("other"));
        var stream = await page.EventSourceAsync(mailbox);
        var told = (await stream.UntilEventAsync("mailbox.unavailable")).Last("mailbox.unavailable").Json;
        told.GetProperty("reason").GetString().ShouldBe("too-many");

        await other.DisposeAsync();
        await sender.SendAsync(mailbox, "1");

        (await stream.UntilMessagesAsync(1)).Texts.ShouldBe(["1"]);
        page.ShouldHaveNoErrors();
    }

    private static MailboxNodeOptions Drains(string window) =>
        new() { Settings = new Dictionary<string, string> { ["Mailbox:DrainWindow"] = window } };
}
