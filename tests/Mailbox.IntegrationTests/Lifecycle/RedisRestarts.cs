using System.Diagnostics;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

[Collection(Alone.Name)]
public class RedisRestarts
{
    [Fact]
    public async Task Nothing_that_was_accepted_is_lost_or_doubled_when_redis_is_killed_twice_under_senders_and_streams()
    {
        const int Senders = 4;
        const int Each = 100;
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        var mailbox = Names.Fresh("restart");
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        var resets = new List<string>();
        var receiving = ReceiveAsync();
        var delivered = 0;

        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(sender))));
        foreach (var point in new[] { 50, 250 })
        {
            await Eventually.HoldsAsync(() => Volatile.Read(ref delivered) >= point, TimeSpan.FromSeconds(60), $"{point} are delivered");
            await redis.KillAsync();
            await Task.Delay(300);
            await redis.RestartAsync();
        }

        await sending;
        var texts = (await receiving).Select(message => message.Text).ToList();
        for (var sender = 0; sender < Senders; sender++)
        {
            texts.Where(text => text.StartsWith($"{sender}:", StringComparison.Ordinal)).ShouldBe(Enumerable.Range(1, Each).Select(i => $"{sender}:{i}"));
        }

        resets.Count.ShouldBeInRange(1, 2);
        resets.ShouldAllBe(reason => reason == ResetReasons.Failover);
        await receiver.SilenceAsync();
        await streams.AssertFlowAfterFailoverAsync(node, times: 2);

        async Task<List<ReceivedEvent>> ReceiveAsync()
        {
            var messages = new List<ReceivedEvent>();
            while (messages.Count < Senders * Each)
            {
                var next = await receiver.NextAsync(TimeSpan.FromSeconds(60));
                if (next.Kind == ReceivedKind.Message)
                {
                    messages.Add(next);
                    continue;
                }

                next.IsControl(ControlEvents.Reset).ShouldBeTrue($"this came: {next}");
                resets.Add(next.Json!.Value.GetProperty("reason").GetString()!);
            }

            return messages;
        }

        async Task SendAsync(int sender)
        {
            for (var i = 1; i <= Each; i++)
            {
                var text = $"{sender}:{i}";
                await Eventually.HoldsAsync(
                    async () => (await node.DeliverAsync(mailbox, text, ("Idempotency-Key", text))).Status is 201 or 202,
                    TimeSpan.FromSeconds(60),
                    $"{text} is accepted");
                Interlocked.Increment(ref delivered);
            }
        }
    }

    [Fact]
    public async Task While_redis_is_gone_everything_is_refused_at_once_and_in_the_form_that_clients_survive()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        var mailbox = Names.Fresh("gone");
        (await node.DeliverAsync(mailbox, "before")).Status.ShouldBe(202);

        await redis.KillAsync();
        for (var i = 0; i < 5; i++)
        {
            await using var stalls = new Stalls();
            var watch = Stopwatch.StartNew();
            var refused = await node.DeliverAsync(mailbox, "during");
            (watch.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(2.5));
            refused.Status.ShouldBe(503);
            refused.Header("Retry-After").ShouldNotBeNull();
        }

        (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString().ShouldBe("degraded");
        foreach (var way in Ways.All)
        {
            await Refusals.AssertUnavailableAsync(node, way, "store-unavailable");
        }

        await redis.RestartAsync();
        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(mailbox, "after")).Status == 202, Patience.Long, "deliveries work again");
        await streams.AssertFlowAfterFailoverAsync(node);
        await using var receiver = await node.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await receiver.NextIsAsync(ControlEvents.Reset); // nobody else was there to be told
        (await receiver.TextsAsync(2)).ShouldBe(["before", "after"]);
    }

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task What_a_limit_dropped_is_announced_behind_the_reset_of_a_restart(Way way)
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await using var node = await MailboxNode.StartAsync(redis, new MailboxNodeOptions { Http2 = true });
        var mailbox = Names.Fresh("both");
        await node.PutAsync(mailbox, """{"maxMessages":2,"overflow":"dropOldest"}""");
        await node.DeliverAllAsync(mailbox, ["m1"]);
        string? cursor;
        await using (var first = await node.OpenAsync(Way.Ndjson, mailbox))
        {
            await first.TextsAsync(1);
            cursor = first.LastCursor;
        }

        await node.WaitUntilAbsentAsync(mailbox);
        await node.DeliverAllAsync(mailbox, Reading.Numbered(2, 5));
        await redis.KillAsync();
        await redis.RestartAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var probe = await node.OpenAsync(Way.Ndjson, Names.Fresh("probe"));
                return true;
            },
            Patience.Long,
            "the node takes opens again");

        await using var second = await node.OpenAsync(way, mailbox, new ReceiverOptions { After = cursor });

        (await second.ControlAsync(ControlEvents.Reset)).Json!.Value.GetProperty("reason").GetString().ShouldBe(ResetReasons.Failover);
        var gap = (await second.ControlAsync(ControlEvents.Gap)).Json!.Value;
        (gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64()).ShouldBe((2, 3));
        (await second.TextsAsync(2)).ShouldBe(Reading.Numbered(4, 5));
    }

    [Fact]
    public async Task A_node_that_was_started_before_redis_leaves_data_alone_that_it_cannot_read()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await redis.ExecuteAsync("HSET", "mailbox:version", "written", 2, "minReader", 2);
        await redis.StopAsync();
        await using var node = await MailboxNode.StartAsync(redis, new MailboxNodeOptions { WaitsUntilReady = false });
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/live")).Status == 200, TimeSpan.FromSeconds(40), "the node answers");

        await redis.RestartAsync();
        var statuses = new HashSet<int>();
        while (!node.HasExited)
        {
            try
            {
                statuses.Add((await node.DeliverAsync(Names.Fresh("early"), "m")).Status);
            }
            catch (HttpRequestException)
            {
                // It has just ended.
            }
        }

        statuses.Except([503]).ShouldBeEmpty();
        (await redis.ExecuteAsync("DBSIZE")).ShouldBe(1L);
        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_was_started_before_redis_becomes_ready_when_it_comes()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await redis.StopAsync();
        await using var node = await MailboxNode.StartAsync(redis, new MailboxNodeOptions { WaitsUntilReady = false, Http2 = true });
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/live")).Status == 200, TimeSpan.FromSeconds(40), "the node answers");
        var ready = await node.GetAsync("/health/ready");
        ready.Status.ShouldBe(503);
        ready.Json.GetProperty("status").GetString().ShouldBe("starting");
        (await node.DeliverAsync(Names.Fresh("early"), "m")).Status.ShouldBe(503);
        await Refusals.AssertUnavailableAsync(node, Way.Sse, "store-unavailable");

        await redis.RestartAsync();

        await node.WaitUntilReadyAsync(TimeSpan.FromSeconds(40));
        await using var streams = await OneOfEach.OpenAsync(node);
    }
}
