using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G5NoSilentGap(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task What_a_limit_dropped_is_announced_before_what_is_left(Way way)
    {
        var mailbox = Names.Fresh("g5-dropped");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":5,"overflow":"dropOldest"}""");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 12));

        await using var receiver = await cluster.B.OpenAsync(way, mailbox);

        AssertGap(await receiver.ControlAsync(ControlEvents.Gap), 1, 7, GapReasons.Dropped);
        (await receiver.TextsAsync(5)).ShouldBe(Reading.Numbered(8, 12));
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task What_was_dropped_behind_the_back_of_a_receiver_that_comes_back_is_announced(Way way)
    {
        var mailbox = Names.Fresh("g5-behind");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":5,"overflow":"dropOldest"}""");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            await first.TextsAsync(3);
            cursor = first.LastCursor;
        }

        if (way != Way.LongPoll)
        {
            await cluster.A.WaitUntilAbsentAsync(mailbox); // else the fourth may still be written to it
        }

        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(4, 12));
        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });

        AssertGap(await second.ControlAsync(ControlEvents.Gap), 4, 7, GapReasons.Dropped);
        (await second.TextsAsync(5)).ShouldBe(Reading.Numbered(8, 12));
    }

    [Fact]
    public async Task Bare_deliveries_over_the_limit_drop_the_oldest_and_say_so()
    {
        var mailbox = Names.Fresh("g5-bare");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":5}""");
        await using var sender = cluster.SenderOf(TransportDoor.BareRedis);
        foreach (var text in Reading.Numbered(1, 8))
        {
            await sender.SendAsync(mailbox, text);
        }

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);

        AssertGap(await receiver.ControlAsync(ControlEvents.Gap), 1, 3, GapReasons.Dropped);
        (await receiver.TextsAsync(5)).ShouldBe(Reading.Numbered(4, 8));
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task An_entry_that_is_no_message_is_announced_at_its_place_and_blocks_nothing(Way way)
    {
        var mailbox = Names.Fresh("g5-malformed");
        await using var sender = cluster.SenderOf(TransportDoor.BareRedis);
        await sender.SendAsync(mailbox, "m1");
        await sender.SendAsync(mailbox, "\u0001{\"nonce\":\"no line feed");
        await sender.SendAsync(mailbox, "m3");

        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        var events = new List<ReceivedEvent>();
        while (events.Count(next => next.Kind == ReceivedKind.Message) < 2)
        {
            events.Add(await receiver.NextAsync(Patience.Long));
        }

        events.Where(next => next.Kind == ReceivedKind.Message).Select(next => next.Text).ShouldBe(["m1", "m3"]);
        AssertGap(events.Single(next => next.IsControl(ControlEvents.Gap)), 2, 2, GapReasons.Malformed);
    }

    [Fact]
    public async Task An_entry_far_over_the_size_limit_is_announced_and_thrown_away()
    {
        var mailbox = Names.Fresh("g5-huge");
        await cluster.RedisAsync("RPUSH", Keys.ListOf(mailbox), Encoding.ASCII.GetBytes(new string('x', 1_000_000)), "m2");

        await using var receiver = await cluster.B.OpenAsync(Way.WebSocket, mailbox);

        AssertGap(await receiver.ControlAsync(ControlEvents.Gap), 1, 1, GapReasons.Malformed);
        (await receiver.MessageAsync()).Text.ShouldBe("m2");
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_position_that_was_acknowledged_past_is_told_so(Way way)
    {
        var mailbox = Names.Fresh("g5-acked");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        string early;
        await using (var first = await cluster.A.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" }))
        {
            var messages = await first.NextMessagesAsync(5, Patience.Long);
            early = messages[0].Cursor!;
            await first.AckAsync(messages[3].Cursor!);
            await cluster.B.WaitUntilKeptAsync(mailbox, 1);
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client", After = early });

        AssertGap(await second.ControlAsync(ControlEvents.Gap), 2, 4, GapReasons.Acknowledged);
        (await second.TextsAsync(1)).ShouldBe(["m5"]);
    }

    [Fact]
    public async Task What_was_taken_away_on_purpose_is_not_announced()
    {
        var mailbox = Names.Fresh("g5-quiet");
        await cluster.A.DeliverAsync(mailbox, "old weather", ("Topic", "weather"));
        await cluster.A.DeliverAsync(mailbox, "m2");
        await cluster.A.DeliverAsync(mailbox, "new weather", ("Topic", "weather"));
        var last = await cluster.A.DeliverAsync(mailbox, "m4");
        await cluster.A.DeleteAsync(last.Header("Location")!);

        await using var receiver = await cluster.B.OpenAsync(Way.Sse, mailbox);

        await receiver.NextIsAsync(ControlEvents.Open);
        (await receiver.TextsAsync(2)).ShouldBe(["m2", "new weather"]);
        await receiver.SilenceAsync();
    }

    private static void AssertGap(ReceivedEvent gap, long from, long to, string reason)
    {
        gap.Json!.Value.GetProperty("reason").GetString().ShouldBe(reason);
        gap.Json.Value.GetProperty("from").GetInt64().ShouldBe(from);
        gap.Json.Value.GetProperty("to").GetInt64().ShouldBe(to);
    }
}
