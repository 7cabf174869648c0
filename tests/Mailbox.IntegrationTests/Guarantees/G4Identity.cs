using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

/// <summary>A position that Redis can no longer honour gives a reset: to who comes back, and to streams that never dropped.</summary>
public class G4Identity(Cluster cluster)
{
    public enum Lost
    {
        Hash,
        List,
        Everything,
    }

    public static MatrixTheoryData<Way, Lost> WaysAndLosses { get; } = new(Ways.All, Enum.GetValues<Lost>());

    [Theory]
    [MemberData(nameof(WaysAndLosses))]
    public async Task A_living_stream_is_told_that_its_mailbox_was_lost_and_goes_on(Way way, Lost lost)
    {
        var mailbox = Names.Fresh("g4-living");
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        await receiver.TextsAsync(3);
        var generation = (await cluster.A.InfoOfAsync(mailbox)).Generation;

        await LoseAsync(mailbox, lost);
        await cluster.A.DeliverAsync(mailbox, "new");

        await receiver.NextIsAsync(ControlEvents.Reset);
        await ReceivesAsync(receiver, "new");
        (await cluster.A.InfoOfAsync(mailbox)).Generation.ShouldNotBe(generation);
        await cluster.A.DeliverAsync(mailbox, "newer");
        (await receiver.MessageAsync()).Text.ShouldBe("newer");
    }

    [Theory]
    [MemberData(nameof(WaysAndLosses))]
    public async Task A_client_that_comes_back_to_a_mailbox_that_was_lost_is_told(Way way, Lost lost)
    {
        var mailbox = Names.Fresh("g4-back");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        string? cursor;
        await using (var first = await cluster.A.OpenAsync(way, mailbox))
        {
            await first.TextsAsync(3);
            cursor = first.LastCursor;
        }

        if (way != Way.LongPoll)
        {
            await cluster.A.WaitUntilAbsentAsync(mailbox); // else its session might still open again
        }

        await LoseAsync(mailbox, lost);
        await cluster.A.DeliverAsync(mailbox, "new");
        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });

        await second.ControlAsync(ControlEvents.Reset);
        await ReceivesAsync(second, "new");
    }

    [Fact]
    public async Task A_mailbox_that_lost_its_newest_messages_and_got_others_does_not_pass_them_off_as_the_old_ones()
    {
        var mailbox = Names.Fresh("g4-tail");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await receiver.TextsAsync(3);

        // As a failover to a replica that had not got the newest: its list ends earlier, and others fill it again.
        await cluster.RedisAsync("LTRIM", Keys.ListOf(mailbox), 0, 1);
        await cluster.A.DeliverAllAsync(mailbox, ["other 3"]);

        await receiver.NextIsAsync(ControlEvents.Reset);
        await ReceivesAsync(receiver, "other 3");
    }

    [Fact]
    public async Task Removing_the_mailbox_under_a_living_stream_is_told_at_once()
    {
        var mailbox = Names.Fresh("g4-removed");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 2));
        await using var receiver = await cluster.B.OpenAsync(Way.Sse, mailbox);
        await receiver.TextsAsync(2);

        (await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);

        await receiver.NextIsAsync(ControlEvents.Reset);
        await cluster.A.DeliverAsync(mailbox, "new");
        (await receiver.MessageAsync()).Text.ShouldBe("new");
    }

    [Fact]
    public async Task A_redis_that_restarts_empty_resets_every_living_stream_and_then_messages_flow()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync();
        var mailboxes = Ways.All.ToDictionary(way => way, way => Names.Fresh("g4-empty"));
        var receivers = new Dictionary<Way, IReceiver>();
        foreach (var (way, mailbox) in mailboxes)
        {
            receivers[way] = await node.OpenAsync(way, mailbox);
            await node.DeliverAllAsync(mailbox, ["before"]);
            await receivers[way].TextsAsync(1);
        }

        await redis.KillAsync();
        await redis.RestartAsync();

        foreach (var (way, mailbox) in mailboxes)
        {
            await Eventually.HoldsAsync(
                async () => (await node.DeliverAsync(mailbox, "after")).Status is 201 or 202, Patience.Long, "deliveries work");
            if (way == Way.LongPoll)
            {
                await Eventually.HoldsAsync(
                    async () => (await receivers[way].NextAsync(TimeSpan.FromSeconds(1))).IsControl(ControlEvents.Reset),
                    Patience.Long,
                    "the poll is told");
            }
            else
            {
                await receivers[way].NextIsAsync(ControlEvents.Reset);
            }

            (await receivers[way].MessageAsync()).Text.ShouldBe("after");
            await receivers[way].DisposeAsync();
        }
    }

    private async Task LoseAsync(string mailbox, Lost lost)
    {
        object[] keys =
        [
            .. lost is Lost.Hash or Lost.Everything ? new[] { Keys.HashOf(mailbox) } : [],
            .. lost is Lost.List or Lost.Everything ? new[] { Keys.ListOf(mailbox) } : [],
        ];
        await cluster.RedisAsync(["DEL", .. keys]); // at once: a take in between would be told twice
    }

    /// <summary>What is still there after the loss may come again before it, under its new name.</summary>
    private static async Task ReceivesAsync(IReceiver receiver, string text)
    {
        while ((await receiver.MessageAsync()).Text != text)
        {
        }
    }
}
