using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>The browser's own EventSource on a good network and a bad one.</summary>
[Collection(BrowserTests.Name)]
public class EventSourceTests(BrowserFixture fixture)
{
    [Fact]
    public async Task An_EventSource_that_is_cut_off_comes_back_by_itself_and_gets_the_rest_in_order_without_a_duplicate()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox, "", "news");
        await stream.UntilOpenAsync();

        (await sender.SendAsync(mailbox, "1")).IsAccepted.ShouldBeTrue();
        (await sender.SendAsync(mailbox, "2", new SendOptions { Type = "news" })).IsAccepted.ShouldBeTrue();
        var before = await stream.UntilMessagesAsync(2);

        relay.Refuse();
        await relay.CutAsync();
        await stream.UntilAsync("stream.errors > 0");
        for (var i = 3; i <= 6; i++)
        {
            (await sender.SendAsync(mailbox, $"{i}", i == 5 ? new SendOptions { Type = "news" } : null)).IsAccepted.ShouldBeTrue();
        }

        (await stream.StateAsync()).Messages.Count.ShouldBe(2);
        relay.Accept();
        await stream.UntilMessagesAsync(6);
        await sender.SendAsync(mailbox, "7");
        var after = await stream.UntilMessagesAsync(7);

        after.Texts.ShouldBe(["1", "2", "3", "4", "5", "6", "7"]);
        after.Messages.Select(message => message.Type)
            .ShouldBe(["message", "news", "message", "message", "news", "message", "message"]);
        after.Messages.Select(message => message.Cursor).ShouldBeUnique();
        after.Controls.ShouldBe(["mailbox.open", "mailbox.open"]);
        relay.Opens.Select(open => open.LastEventId).ShouldBe([null, before.Messages[1].Cursor]);
        page.ShouldHaveOnlyNetworkErrors();
    }

    [Fact]
    public async Task A_named_event_reaches_its_listener_and_not_onmessage()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox); // listens to no named event
        await stream.UntilOpenAsync();

        await sender.SendAsync(mailbox, "named", new SendOptions { Type = "news" });
        await sender.SendAsync(mailbox, "default");

        (await stream.UntilMessagesAsync(1)).Texts.ShouldBe(["default"]);
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task An_EventSource_that_was_cut_off_before_its_first_message_comes_back_as_the_receiver_that_it_was()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        var first = await stream.UntilOpenAsync();

        relay.Refuse();
        await relay.CutAsync();
        await stream.UntilAsync("stream.errors > 0");
        await sender.SendAsync(mailbox, "while away");
        relay.Accept();
        var second = await stream.UntilMessagesAsync(1);

        second.Texts.ShouldBe(["while away"]);
        ReceiverOf(second).ShouldBe(ReceiverOf(first));
        relay.Opens.Select(open => open.LastEventId).ShouldBe([null, first.Last("mailbox.open").Cursor]);
        page.ShouldHaveOnlyNetworkErrors();

        static string ReceiverOf(PageStreamState state) =>
            state.Last("mailbox.open").Json.GetProperty("receiver").GetString()!;
    }

    [Fact]
    public async Task What_the_network_swallowed_is_sent_again()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await stream.UntilMessagesAsync(1);

        // The node has written it and believes it flushed; the browser never gets it.
        relay.HoldBack();
        await sender.SendAsync(mailbox, "swallowed");
        await Eventually.HoldsAsync(
            () => relay.HeldBack.Contains("swallowed", StringComparison.Ordinal), BrowserPage.Deadline, "the node has written it");
        await relay.CutAsync();
        await sender.SendAsync(mailbox, "3");

        var after = await stream.UntilMessagesAsync(3);
        after.Texts.ShouldBe(["1", "swallowed", "3"]);
        page.ShouldHaveOnlyNetworkErrors();
    }
}
