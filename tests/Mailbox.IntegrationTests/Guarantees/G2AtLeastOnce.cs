using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G2AtLeastOnce(Cluster cluster)
{
    private static readonly ReceiverOptions Acks = new() { Ack = "client" };

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    public static TheoryData<Way> EachStream { get; } = new(Ways.Streams);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task What_was_not_acknowledged_comes_again_and_what_was_does_not(Way way)
    {
        var mailbox = Names.Fresh("g2-ack");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        await using (var first = await cluster.A.OpenAsync(way, mailbox, Acks))
        {
            var messages = await first.NextMessagesAsync(5, Patience.Long);
            await first.AckAsync(messages[1].Cursor!);
            await cluster.B.WaitUntilKeptAsync(mailbox, 3);
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, Acks);

        (await second.TextsAsync(3)).ShouldBe(Reading.Numbered(3, 5));
        await second.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task What_was_read_and_never_acknowledged_is_kept_for_as_long_as_it_takes(Way way)
    {
        var mailbox = Names.Fresh("g2-read");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        for (var i = 0; i < 3; i++)
        {
            await using var receiver = await cluster.B.OpenAsync(way, mailbox, Acks);
            (await receiver.TextsAsync(3)).ShouldBe(Reading.Numbered(1, 3));
        }

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Coming_back_with_a_cursor_acknowledges_what_came_before_it(Way way)
    {
        var mailbox = Names.Fresh("g2-cursor");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        string cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox, Acks))
        {
            cursor = (await first.NextMessagesAsync(2, Patience.Long))[1].Cursor!;
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, Acks with { After = cursor });
        await second.TextsAsync(3);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(3);
    }

    [Fact]
    public async Task An_acknowledgement_may_be_repeated_and_may_come_by_any_node()
    {
        var mailbox = Names.Fresh("g2-repeat");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        await using var receiver = await cluster.A.OpenAsync(Way.Sse, mailbox, Acks);
        var messages = await receiver.NextMessagesAsync(3, Patience.Long);

        (await cluster.B.AckAsync(mailbox, messages[2].Cursor!)).Status.ShouldBe(204);
        (await cluster.A.AckAsync(mailbox, messages[2].Cursor!)).Status.ShouldBe(204);
        (await cluster.B.AckAsync(mailbox, messages[0].Cursor!)).Status.ShouldBe(204);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(0);
    }

    [Fact]
    public async Task Acknowledging_what_was_never_sent_is_refused_and_removes_nothing()
    {
        var mailbox = Names.Fresh("g2-beyond");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 2));
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox, Acks with { Window = 1 });
        await receiver.TextsAsync(1);
        await using var watcher = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Mode = "shared" });
        var ahead = (await watcher.NextMessagesAsync(2, Patience.Long))[1].Cursor!;

        var answer = await cluster.B.AckAsync(mailbox, ahead);

        answer.Status.ShouldBe(409);
        answer.Problem.ShouldBe("not-receiver");
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(2);
    }

    [Fact]
    public async Task A_long_poll_acknowledges_by_its_next_poll()
    {
        var mailbox = Names.Fresh("g2-poll");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 4));
        var options = new ReceiverOptions { Limit = 2 };
        await using var receiver = await Receivers.LongPollAsync(cluster.A.BaseAddress, mailbox, options);
        await receiver.TextsAsync(2);
        (await cluster.B.InfoOfAsync(mailbox)).Messages.ShouldBe(4);

        await receiver.TextsAsync(2);

        (await cluster.B.InfoOfAsync(mailbox)).Messages.ShouldBe(2);
    }

    [Fact]
    public async Task A_client_that_vanishes_without_a_word_finds_everything_that_it_had_not_acknowledged()
    {
        var mailbox = Names.Fresh("g2-vanish");
        await using var node = await cluster.StartNodeAsync();
        await using var receiver = await node.OpenAsync(Way.WebSocket, mailbox, Acks);
        await receiver.NextIsAsync(ControlEvents.Open);
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        await receiver.TextsAsync(3);
        await node.KillAsync();

        await using var second = await cluster.B.OpenAsync(Way.WebSocket, mailbox, Acks);

        (await second.TextsAsync(3)).ShouldBe(Reading.Numbered(1, 3));
    }
}
