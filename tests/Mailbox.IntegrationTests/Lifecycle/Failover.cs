using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>
/// A Redis that is another than before may have lost what it had accepted: every receiver is told once, also one that had
/// not seen what was lost; nothing is given again, and no answered id ever names another message.
/// </summary>
public class Failover
{
    public static MatrixTheoryData<Way, string> WaysAndSyncs { get; } = new(Ways.All, ["always", "everysec"]);

    [Theory]
    [MemberData(nameof(WaysAndSyncs))]
    public async Task A_redis_that_was_killed_and_is_back_is_told_once_and_nothing_comes_again(Way way, string appendFsync)
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", appendFsync));
        await using var node = await redis.StartNodeAsync();
        var (stays, returns) = (Names.Fresh("stays"), Names.Fresh("returns"));
        await using var living = await node.OpenAsync(way, stays);
        var place = await PlaceOfOneThatWentAwayAsync(node, way, returns);
        await node.DeliverAllAsync(stays, ["before"]);
        (await living.MessageAsync()).Text.ShouldBe("before");

        await WrittenAsync(redis);
        await redis.KillAsync();
        await redis.RestartAsync();

        await AcceptedAsync(node, stays, "after");
        await ResetIsAsync(living, way, ResetReasons.Failover);
        (await living.MessageAsync()).Text.ShouldBe("after");
        await AcceptedAsync(node, stays, "later");
        (await NextAsync(living, way)).Text.ShouldBe("later");

        await AcceptedAsync(node, returns, "after");
        await using var back = await node.OpenAsync(way, returns, new ReceiverOptions { After = place });
        await back.NextIsAsync(ControlEvents.Open);
        await ResetIsAsync(back, way, ResetReasons.Failover);
        (await NextAsync(back, way)).Text.ShouldBe("after");
        await using var again = await node.OpenAsync(way, returns, new ReceiverOptions { After = back.LastCursor });
        await again.NextIsAsync(ControlEvents.Open);
        await AcceptedAsync(node, returns, "later");
        (await NextAsync(again, way)).Text.ShouldBe("later");
    }

    /// <summary>Nothing is delivered: the streams find out by themselves, well before they sweep.</summary>
    [Fact]
    public async Task An_idle_stream_is_told_by_itself()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        var mailbox = Names.Fresh("idle");
        await using var receiver = await node.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);

        await WrittenAsync(redis);
        await redis.KillAsync();
        await redis.RestartAsync();

        await ResetIsAsync(receiver, Way.Ndjson, ResetReasons.Failover);
        await receiver.SilenceAsync();
    }

    /// <summary>With everysec, Redis writes later while the disk is busy.</summary>
    private static Task WrittenAsync(RedisServer redis) => Eventually.HoldsAsync(
        async () => await redis.InfoAsync("persistence", "aof_buffer_length") == "0", Patience.Long, "what was accepted is in the file");

    [Theory]
    [InlineData(Way.Sse)]
    [InlineData(Way.WebSocket)]
    [InlineData(Way.WebSocketOverHttp2)]
    [InlineData(Way.Ndjson)]
    [InlineData(Way.LongPoll)]
    public async Task A_replica_that_lagged_and_was_promoted_is_told_to_who_never_saw_what_it_lacks(Way way)
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(("replicaof", $"127.0.0.1 {primary.Port}"));
        await using var node = await MailboxNode.StartAsync(new MailboxNodeOptions
        {
            Redis = $"{primary.ConnectionString},{replica.ConnectionString}", Http2 = true, StartDeadline = Patience.Start,
        });
        var mailbox = Names.Fresh("lagging");
        var options = new ReceiverOptions { Ack = "client", Window = 2, Limit = 2 };
        await using var receiver = await node.OpenAsync(way, mailbox, options);
        await node.DeliverAllAsync(mailbox, Reading.Numbered(1, 4));
        (await receiver.TextsAsync(2)).ShouldBe(["m1", "m2"]);
        await Eventually.HoldsAsync(
            async () => await replica.ExecuteAsync("LLEN", Keys.ListOf(mailbox)) is 4L, Patience.Long, "the replica has it");
        await Task.Delay(200); // and what the last take wrote

        replica.Freeze();
        await primary.ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");
        var lost = new List<string>();
        foreach (var text in Reading.Numbered(5, 7))
        {
            lost.Add(await AcceptedAsync(node, mailbox, text));
        }

        await primary.KillAsync();
        replica.Thaw();
        await replica.ExecuteAsync("REPLICAOF", "NO", "ONE");

        var ids = new List<string>();
        foreach (var text in new[] { "new1", "new2", "new3" })
        {
            ids.Add(await AcceptedAsync(node, mailbox, text));
        }

        ids.Intersect(lost).ShouldBeEmpty();
        await ResetIsAsync(receiver, way, ResetReasons.Failover);
        var texts = new List<string>();
        while (texts.Count < 5)
        {
            if (way != Way.LongPoll)
            {
                await receiver.AckAsync(receiver.LastCursor!);
            }

            var next = await NextAsync(receiver, way);
            texts.Add(next.Text);
        }

        texts.ShouldBe(["m3", "m4", "new1", "new2", "new3"]);
    }

    /// <summary>A client that has opened the mailbox, read one message, and gone.</summary>
    private static async Task<string?> PlaceOfOneThatWentAwayAsync(MailboxNode node, Way way, string mailbox)
    {
        await using var receiver = await node.OpenAsync(way, mailbox);
        await node.DeliverAllAsync(mailbox, ["seen"]);
        (await receiver.MessageAsync()).Text.ShouldBe("seen");
        return receiver.LastCursor;
    }

    /// <summary>Delivers until it is accepted; the id.</summary>
    private static async Task<string> AcceptedAsync(MailboxNode node, string mailbox, string text)
    {
        string? id = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var answer = await node.DeliverAsync(mailbox, text, ("Idempotency-Key", $"\"{text}\""));
                id = answer.Status is 201 or 202 ? answer.Json.GetProperty("id").GetString() : null;
                return id is not null;
            },
            TimeSpan.FromSeconds(30),
            $"{text} is accepted");
        return id!;
    }

    private static async Task ResetIsAsync(IReceiver receiver, Way way, string reason)
    {
        var next = await NextAsync(receiver, way);
        next.IsControl(ControlEvents.Reset).ShouldBeTrue($"a reset was expected, and this came: {next}");
        next.Json!.Value.GetProperty("reason").GetString().ShouldBe(reason);
    }

    /// <summary>The very next event. A poll is refused as long as Redis is away, and then polls again.</summary>
    private static async Task<ReceivedEvent> NextAsync(IReceiver receiver, Way way)
    {
        if (way != Way.LongPoll)
        {
            return await receiver.NextAsync(TimeSpan.FromSeconds(30));
        }

        ReceivedEvent? next = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    next = await receiver.NextAsync(TimeSpan.FromSeconds(2));
                    return true;
                }
                catch (Exception exception) when (exception is OpenRefusedException or TimeoutException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            "the poll is answered");
        return next!;
    }
}
