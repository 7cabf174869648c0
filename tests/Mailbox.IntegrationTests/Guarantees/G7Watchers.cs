using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G7Watchers(Cluster cluster)
{
    private static readonly ReceiverOptions Watching = new() { Mode = "shared" };

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_watcher_sees_everything_and_disturbs_nothing(Way way)
    {
        var mailbox = Names.Fresh("g7-watch");
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await receiver.NextIsAsync(ControlEvents.Open);
        var before = await cluster.A.InfoOfAsync(mailbox);
        await using var watcher = await cluster.B.OpenAsync(way, mailbox, Watching);
        await watcher.NextIsAsync(ControlEvents.Open);
        for (var from = 1; from <= 11; from += 5)
        {
            await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(from, from + 4));
            (await watcher.TextsAsync(5)).ShouldBe(Reading.Numbered(from, from + 4));
            var messages = await receiver.NextMessagesAsync(5, Patience.Long);
            messages.Select(message => message.Text).ShouldBe(Reading.Numbered(from, from + 4));
            await receiver.AckAsync(messages[4].Cursor!);
        }

        var after = await cluster.A.InfoOfAsync(mailbox);
        after.Epoch.ShouldBe(before.Epoch);
        after.Receiver.ShouldBe(before.Receiver);
        after.Messages.ShouldBe(0);
        await receiver.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_watcher_alone_is_nobody_and_takes_nothing(Way way)
    {
        var mailbox = Names.Fresh("g7-alone");
        await using var watcher = await cluster.B.OpenAsync(way, mailbox, Watching);
        await watcher.NextIsAsync(ControlEvents.Open);

        (await cluster.A.DeliverAsync(mailbox, "m1")).Status.ShouldBe(202);
        (await cluster.A.DeliverAsync(mailbox, "now or never", ("TTL", "0"))).Json.GetProperty("queued").GetBoolean().ShouldBeFalse();
        var seen = await watcher.MessageAsync();

        seen.Text.ShouldBe("m1");
        var info = await cluster.A.InfoOfAsync(mailbox);
        info.Sent.ShouldBe(0);
        info.Connected.ShouldBeFalse();
        info.Epoch.ShouldBe(0);
        (await cluster.A.AckAsync(mailbox, seen.Cursor!)).Status.ShouldBe(409);
        await using var receiver = await cluster.A.OpenAsync(way, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe(["m1"]);
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_watcher_comes_back_to_its_place(Way way)
    {
        var mailbox = Names.Fresh("g7-return");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 5));
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox, Watching))
        {
            await first.TextsAsync(2);
            cursor = first.LastCursor;
        }

        await using var second = await cluster.B.OpenAsync(way, mailbox, Watching with { After = cursor });

        await second.NextIsAsync(ControlEvents.Open);
        (await second.TextsAsync(3)).ShouldBe(Reading.Numbered(3, 5));
    }

    [Fact]
    public async Task Ten_watchers_see_the_same()
    {
        var mailbox = Names.Fresh("g7-ten");
        var watchers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            (i % 2 == 0 ? cluster.A : cluster.B).OpenAsync(Ways.Streams[i % Ways.Streams.Length], mailbox, Watching)));
        var watching = watchers.Select(watcher => watcher.TextsAsync(20)).ToList();

        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 20));

        foreach (var (seen, watcher) in (await Task.WhenAll(watching)).Zip(watchers))
        {
            seen.ShouldBe(Reading.Numbered(1, 20));
            await watcher.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_watcher_that_wants_to_acknowledge_is_refused()
    {
        var refused = await Should.ThrowAsync<OpenRefusedException>(() =>
            cluster.A.OpenAsync(Way.Sse, Names.Fresh("g7-no-ack"), Watching with { Ack = "client" }));

        ((int)refused.Status).ShouldBe(400);
    }
}
