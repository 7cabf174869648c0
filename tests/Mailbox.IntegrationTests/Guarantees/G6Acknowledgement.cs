using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G6Acknowledgement(Cluster cluster)
{
    public static TheoryData<Way> EachStream { get; } = new(Ways.Streams);

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task At_most_a_window_of_unacknowledged_messages_is_in_flight(Way way)
    {
        var mailbox = Names.Fresh("g6-window");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 10));
        await using var receiver = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client", Window = 3 });

        var messages = await receiver.NextMessagesAsync(3, Patience.Long);
        await receiver.SilenceAsync();
        await receiver.AckAsync(messages[0].Cursor!);
        (await receiver.TextsAsync(1)).ShouldBe(["m4"]);
        await receiver.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task An_acknowledgement_by_post_on_another_node_opens_the_window(Way way)
    {
        var mailbox = Names.Fresh("g6-post");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 10));
        await using var receiver = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client", Window = 4 });
        for (var from = 1; from <= 5; from += 4)
        {
            var messages = await receiver.NextMessagesAsync(4, Patience.Long);
            messages.Select(message => message.Text).ShouldBe(Reading.Numbered(from, from + 3));

            (await cluster.B.AckAsync(mailbox, messages[3].Cursor!)).Status.ShouldBe(204);
        }

        (await receiver.TextsAsync(2)).ShouldBe(["m9", "m10"]);
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task A_consumer_that_never_acknowledges_stalls_nobody_else(Way way)
    {
        var (slow, fast) = (Names.Fresh("g6-slow"), Names.Fresh("g6-fast"));
        await using var stalled = await cluster.A.OpenAsync(way, slow, new ReceiverOptions { Ack = "client", Window = 1 });
        await using var other = await cluster.A.OpenAsync(way, fast, new ReceiverOptions { Ack = "client" });
        var arriving = other.TextsAsync(50);
        foreach (var text in Reading.Numbered(1, 50))
        {
            await cluster.B.DeliverAllAsync(slow, [text]);
            await cluster.B.DeliverAllAsync(fast, [text]);
        }

        (await arriving).ShouldBe(Reading.Numbered(1, 50));
        (await stalled.TextsAsync(1)).ShouldBe(["m1"]);
        await stalled.SilenceAsync();
        (await cluster.B.InfoOfAsync(slow)).Messages.ShouldBe(50);
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task Without_acknowledgements_two_hundred_flushed_messages_stay_and_older_ones_are_a_gap(Way way)
    {
        var mailbox = Names.Fresh("g6-resume");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 300));
        string early, late;
        await using (var first = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "none" }))
        {
            var messages = await first.NextMessagesAsync(300, Patience.Long);
            (early, late) = (messages[49].Cursor!, messages[149].Cursor!);
            await cluster.A.DeliverAllAsync(mailbox, ["m301"]);
            await first.MessageAsync();
            await Eventually.HoldsAsync(
                async () => (await cluster.B.InfoOfAsync(mailbox)).Messages is 200 or 201, Patience.Long, "the window is kept");
        }

        await using (var resumed = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "none", After = late }))
        {
            await resumed.NextIsAsync(ControlEvents.Open);
            (await resumed.TextsAsync(151)).ShouldBe(Reading.Numbered(151, 301));
        }

        await using var outrun = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "none", After = early });
        await outrun.NextIsAsync(ControlEvents.Open);
        var gap = (await outrun.NextIsAsync(ControlEvents.Gap)).Json!.Value;
        gap.GetProperty("reason").GetString().ShouldBe(GapReasons.Window);
        gap.GetProperty("from").GetInt64().ShouldBe(51);
        var first101 = gap.GetProperty("to").GetInt64() + 1;
        (await outrun.MessageAsync()).Text.ShouldBe($"m{first101}");
        first101.ShouldBeInRange(101, 102);
    }

    [Fact]
    public async Task A_stream_that_has_read_everything_never_makes_a_mailbox_full()
    {
        var mailbox = Names.Fresh("g6-full");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":20}""");
        await using var receiver = await cluster.B.OpenAsync(Way.Sse, mailbox);
        for (var i = 1; i <= 100; i++)
        {
            var arriving = receiver.MessageAsync();
            (await cluster.A.DeliverAsync(mailbox, $"m{i}")).Status.ShouldBe(201);
            (await arriving).Text.ShouldBe($"m{i}");
        }
    }

    [Fact]
    public async Task A_web_socket_that_sends_anything_but_an_acknowledgement_is_closed_with_1008()
    {
        await using var receiver = await Receivers.WebSocketAsync(cluster.A.BaseAddress, Names.Fresh("g6-policy"));

        await receiver.SendAsync("hello"u8.ToArray());

        (await receiver.EndsAsync(Patience.Long)).ShouldBeTrue();
        receiver.CloseCode.ShouldBe(1008, receiver.Failure?.ToString());
    }

    [Fact]
    public async Task A_web_socket_that_sends_too_much_is_closed_with_1009()
    {
        await using var receiver = await Receivers.WebSocketAsync(cluster.A.BaseAddress, Names.Fresh("g6-big"));

        await receiver.SendAsync(new byte[100_000]);

        (await receiver.EndsAsync(Patience.Long)).ShouldBeTrue();
        receiver.CloseCode.ShouldBe(1009);
    }
}
