using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Transports;

public class ComingBack(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    public static MatrixTheoryData<Way, TransportDoor> WaysAndDoors { get; } = new(Ways.All, Sender.Doors);

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task A_client_that_resumes_on_another_node_misses_nothing_and_gets_nothing_twice(Way way, TransportDoor door)
    {
        var mailbox = Names.Fresh("resume");
        await using var sender = cluster.SenderOf(door);
        foreach (var text in Reading.Numbered(1, 10))
        {
            await sender.SendAsync(mailbox, text);
        }

        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            (await first.TextsAsync(4)).ShouldBe(Reading.Numbered(1, 4));
            cursor = first.LastCursor;
        }

        foreach (var text in Reading.Numbered(11, 15))
        {
            await sender.SendAsync(mailbox, text);
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });

        (await second.TextsAsync(11)).ShouldBe(Reading.Numbered(5, 15));
        await second.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task An_idle_client_comes_back_as_itself_with_the_cursor_of_its_open_event(Way way)
    {
        var mailbox = Names.Fresh("idle");
        string? cursor;
        string? receiver;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            cursor = (await first.NextIsAsync(ControlEvents.Open)).Cursor;
            receiver = (await cluster.A.InfoOfAsync(mailbox)).Receiver;
        }

        cursor.ShouldNotBeNull();
        await cluster.A.DeliverAsync(mailbox, "while away");

        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });

        await second.NextIsAsync(ControlEvents.Open);
        (await second.MessageAsync()).Text.ShouldBe("while away");
        (await cluster.A.InfoOfAsync(mailbox)).Receiver.ShouldBe(receiver);
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_client_that_resumes_after_its_last_message_gets_only_what_is_new(Way way)
    {
        var mailbox = Names.Fresh("caught-up");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            await first.TextsAsync(3);
            cursor = first.LastCursor;
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });
        await second.NextIsAsync(ControlEvents.Open);
        await second.SilenceAsync();
        var arriving = second.MessageAsync();
        await cluster.A.DeliverAsync(mailbox, "m4");

        (await arriving).Text.ShouldBe("m4");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task After_now_gives_only_what_comes_from_now_on(Way way)
    {
        var mailbox = Names.Fresh("now");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));

        await using var receiver = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = "now" });
        await receiver.NextIsAsync(ControlEvents.Open);
        await cluster.A.DeliverAsync(mailbox, "m4");

        (await receiver.MessageAsync()).Text.ShouldBe("m4");
    }

    [Fact]
    public async Task The_header_that_an_event_source_sends_beats_the_parameter_of_its_url()
    {
        var mailbox = Names.Fresh("last-event-id");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        string first, second;
        await using (var earlier = await cluster.A.OpenAsync(Way.Sse, mailbox))
        {
            var messages = await earlier.NextMessagesAsync(2, Patience.Long);
            (first, second) = (messages[0].Cursor!, messages[1].Cursor!);
        }

        await using var receiver = await cluster.B.OpenAsync(
            Way.Sse, mailbox, new ReceiverOptions { After = first, LastEventId = second });

        (await receiver.MessageAsync()).Text.ShouldBe("m3");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_client_may_change_its_transport_between_two_connections(Way way)
    {
        var mailbox = Names.Fresh("change");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 4));
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            await first.TextsAsync(2);
            cursor = first.LastCursor;
        }

        var next = Ways.All[((int)way + 1) % Ways.All.Length];
        await using var second = await cluster.B.OpenAsync(next, mailbox, new ReceiverOptions { After = cursor });

        (await second.TextsAsync(2)).ShouldBe(Reading.Numbered(3, 4));
    }
}
