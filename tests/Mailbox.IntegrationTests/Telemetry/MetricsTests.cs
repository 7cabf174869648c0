using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>Each figure moves by what it counts, on a node of the test's own.</summary>
public class MetricsTests(Cluster cluster)
{
    [Fact]
    public async Task Opens_and_open_connections_are_counted_by_transport()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "4"));
        var streams = new List<IReceiver>();
        foreach (var way in Ways.Streams)
        {
            streams.Add(await node.OpenAsync(way, Names.Fresh("figures")));
            await streams[^1].NextIsAsync(ControlEvents.Open);
        }

        await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(Way.Ndjson, Names.Fresh("figures")));

        var full = await Figures.WhenAsync(node, ("""mailbox_opens_total{transport="ndjson",outcome="refused"}""", 1));
        full["""mailbox_connections{transport="sse"}"""].ShouldBe(1);
        full["""mailbox_connections{transport="websocket"}"""].ShouldBe(2);
        full["""mailbox_connections{transport="ndjson"}"""].ShouldBe(1);
        full["""mailbox_connections{transport="longpoll"}"""].ShouldBe(0);
        full["""mailbox_connections_limit"""].ShouldBe(4);
        full["""mailbox_opens_total{transport="websocket",outcome="opened"}"""].ShouldBe(2);
        full["""mailbox_refusals_total{type="too-many"}"""].ShouldBe(1);
        full["mailbox_wake_channels"].ShouldBe(4);

        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        await Figures.WhenAsync(
            node, figures => Ways.Streams.All(_ => figures["""mailbox_connections{transport="sse"}"""] + figures["""mailbox_connections{transport="websocket"}"""]
                + figures["""mailbox_connections{transport="ndjson"}"""] == 0), "no connection is counted");
    }

    [Fact]
    public async Task Deliveries_are_counted_by_what_became_of_them()
    {
        await using var node = await cluster.StartNodeAsync();
        var mailbox = Names.Fresh("outcomes");
        await node.PutAsync(mailbox, """{"maxMessages":2}""");
        await node.DeliverAsync(mailbox, "one", ("Idempotency-Key", "k"));
        await node.DeliverAsync(mailbox, "one", ("Idempotency-Key", "k"));
        await node.DeliverAsync(mailbox, "two", ("Idempotency-Key", "k"));
        await node.DeliverAsync(mailbox, "now or never", ("TTL", "0"));
        await node.DeliverManyAsync($$"""{"to":["{{mailbox}}","{{Names.Fresh("outcomes")}}"],"data":"many"}""");
        await node.DeliverAsync(mailbox, "too much");

        var figures = await Figures.WhenAsync(node, ("""mailbox_deliveries_total{outcome="full",path="one"}""", 1));
        figures["""mailbox_deliveries_total{outcome="stored",path="one"}"""].ShouldBe(1);
        figures["""mailbox_deliveries_total{outcome="replayed",path="one"}"""].ShouldBe(1);
        figures["""mailbox_deliveries_total{outcome="conflict",path="one"}"""].ShouldBe(1);
        figures["""mailbox_deliveries_total{outcome="absent",path="one"}"""].ShouldBe(1);
        figures["""mailbox_deliveries_total{outcome="stored",path="many"}"""].ShouldBe(2);
        figures["""mailbox_refusals_total{type="mailbox-full"}"""].ShouldBe(1);
    }

    [Fact]
    public async Task Messages_are_counted_as_they_come_and_as_they_leave()
    {
        await using var node = await cluster.StartNodeAsync();
        var mailbox = Names.Fresh("leaving");
        await node.PutAsync(mailbox, """{"maxMessages":3,"overflow":"dropOldest"}""");
        await node.DeliverAllAsync(mailbox, Reading.Numbered(1, 5)); // two are dropped
        await using var receiver = await node.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await receiver.ControlAsync(ControlEvents.Gap);
        await receiver.NextMessagesAsync(3, Patience.Long);
        await node.DeliverAsync(mailbox, "four"); // the oldest is dropped again
        var last = await receiver.MessageAsync();
        (await node.AckAsync(mailbox, last.Cursor!)).Status.ShouldBe(204);

        // The same message twice, as another receiver takes over.
        var contested = Names.Fresh("leaving");
        await node.DeliverAsync(contested, "m");
        await using var first = await node.OpenAsync(Way.Ndjson, contested, new ReceiverOptions { Ack = "client" });
        var seen = await first.MessageAsync();
        await using var second = await node.OpenAsync(Way.Ndjson, contested, new ReceiverOptions { Ack = "client" });
        await second.MessageAsync();
        (await node.AckAsync(contested, seen.Cursor!)).Status.ShouldBe(409);

        // To a mailbox where nobody is: replaced, expired, taken back.
        var waiting = Names.Fresh("leaving");
        await node.DeliverAsync(waiting, "older", ("Topic", "t"));
        await node.DeliverAsync(waiting, "newer", ("Topic", "t"), ("TTL", "1"));
        var back = (await node.DeliverAsync(waiting, "back")).Json.GetProperty("id").GetString()!;
        await node.DeleteAsync(MailboxRoutes.ForMessage(waiting, back));
        await Eventually.HoldsAsync(
            async () =>
            {
                await node.DeliverAsync(waiting, "by the long way", ("Topic", "u"));
                return (await Figures.OfAsync(node))["""mailbox_messages_removed_total{reason="expired"}"""] == 1;
            },
            Patience.Long,
            "the message expires");

        var figures = await Figures.WhenAsync(node, ("""mailbox_messages_removed_total{reason="acked"}""", 3), ("""mailbox_acks_total{outcome="not-receiver"}""", 1));
        figures["""mailbox_messages_removed_total{reason="acked"}"""].ShouldBe(3);
        figures["""mailbox_messages_removed_total{reason="dropped"}"""].ShouldBe(3);
        figures["""mailbox_messages_removed_total{reason="takenBack"}"""].ShouldBe(1);
        figures["""mailbox_messages_removed_total{reason="topic"}"""].ShouldBeGreaterThanOrEqualTo(1);
        figures["""mailbox_acks_total{outcome="acked"}"""].ShouldBe(1);
        (figures["""mailbox_messages_taken_total{by="take"}"""] + figures["""mailbox_messages_taken_total{by="wake"}"""]).ShouldBe(4 + 2);
        figures["""mailbox_gaps_total{reason="dropped"}"""].ShouldBe(1);
    }

    [Fact]
    public async Task Messages_that_were_waited_for_are_measured_and_what_was_there_before_is_not()
    {
        await using var node = await cluster.StartNodeAsync();
        var mailbox = Names.Fresh("latency");
        await node.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await receiver.TextsAsync(3);
        for (var i = 0; i < 5; i++)
        {
            await node.DeliverAsync(mailbox, "awaited");
            await receiver.MessageAsync();
        }

        var figures = await Figures.WhenAsync(node, ("mailbox_wake_latency_seconds_count", 5));
        figures["mailbox_wake_latency_seconds_count"].ShouldBe(5);
        figures["mailbox_wake_latency_seconds_sum"].ShouldBeLessThan(5 * Patience.Long.TotalSeconds);
        figures["mailbox_store_clock_uncertainty_seconds"].ShouldBeGreaterThan(0);
    }

    /// <summary>A poll does not ask again, by which a stream says that it has flushed.</summary>
    [Fact]
    public async Task So_is_the_message_that_a_poll_waited_for()
    {
        await using var node = await cluster.StartNodeAsync();
        var mailbox = Names.Fresh("latency");
        await using var poll = await node.OpenAsync(Way.LongPoll, mailbox);
        await Eventually.HoldsAsync(
            async () =>
            {
                // One that comes while the poll opens was not waited for.
                var message = poll.MessageAsync();
                await cluster.WaitForListenerAsync(mailbox);
                await node.DeliverAsync(mailbox, "awaited");
                await message;
                return (await Figures.OfAsync(node))["mailbox_wake_latency_seconds_count"] > 0;
            },
            Patience.Start,
            "it is measured");
    }

    [Fact]
    public async Task A_sweep_that_finds_a_message_whose_wake_was_lost_is_a_hit_and_one_that_finds_nothing_is_none()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Heartbeat", "00:00:01"), ("Mailbox:Sweep", "00:00:01"));
        var mailbox = Names.Fresh("hit");
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        var calls = (await Figures.OfAsync(node))["mailbox_redis_roundtrip_seconds_count"];
        await Figures.WhenAsync(node, ("mailbox_redis_roundtrip_seconds_count", calls + 8)); // sweeps among them
        (await Figures.OfAsync(node))["mailbox_sweep_hits_total"].ShouldBe(0);

        await cluster.RedisAsync("RPUSH", Keys.ListOf(mailbox), "no wake");
        (await receiver.MessageAsync()).Text.ShouldBe("no wake");

        await Figures.WhenAsync(node, ("mailbox_sweep_hits_total", 1));
    }

    [Fact]
    public async Task A_reader_that_is_cut_off_is_counted()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:WriteDeadline", "00:00:01"));
        var mailbox = Names.Fresh("slow");
        await node.PutAsync(mailbox, """{"maxMessages":2000,"maxBytes":60000000}""");
        var body = new string('x', 65_000);
        for (var i = 0; i < 25; i++)
        {
            // Waiting before the reader comes: what fills its connection drop by drop may be cut off by the system, before the flush is old.
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.DeliverAsync(mailbox, body)));
        }

        var isCounted = false;
        for (var attempt = 0; !isCounted && attempt < 10; attempt++)
        {
            await using var slow = await node.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { ReadsAhead = false, Ack = "client", Window = 1000 });
            await slow.NextIsAsync(ControlEvents.Open);
            await node.WaitUntilAbsentAsync(mailbox);
            isCounted = (await Figures.OfAsync(node))["mailbox_slow_readers_cut_total"] > 0;
        }

        isCounted.ShouldBeTrue();
        await node.DeleteAsync(MailboxRoutes.ForMailbox(mailbox));
    }

    [Fact]
    public async Task A_redis_that_stands_still_and_one_that_answers_by_errors_are_both_seen()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync(("Mailbox:Redis:Deadline", "00:00:00.5"));
        await Figures.WhenAsync(node, ("mailbox_canary_roundtrip_seconds_count", 1), ("mailbox_ready", 1));
        var mailbox = Names.Fresh("broken");
        await redis.ExecuteAsync("SET", Keys.HashOf(mailbox), "of another type");
        (await node.DeliverAsync(mailbox, "m")).Status.ShouldBe(409);
        await Figures.WhenAsync(node, ("""mailbox_script_errors_total{script="deliver"}""", 1));

        redis.Freeze();
        await Figures.WhenAsync(node, ("mailbox_redis_breaker_open", 1), ("mailbox_redis_silences_total", 1));
        redis.Thaw();
        await Figures.WhenAsync(node, figures => figures["mailbox_redis_breaker_open"] == 0, "the breaker is closed");
    }

    [Fact]
    public async Task Canaries_that_are_missed_and_a_path_that_is_built_anew_are_counted()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");

        await Figures.WhenAsync(node, ("mailbox_canary_misses_total", 1), ("mailbox_wake_rebuilds_total", 1));
    }

    [Fact]
    public async Task The_page_of_a_node_under_load_pleases_promtool()
    {
        await using var node = await cluster.StartNodeAsync();
        await using var some = await Load.OnAsync(node);

        var figures = await Figures.OfAsync(node);

        (await Promtool.CheckAsync("metrics", figures.Text)).ShouldBeEmpty();
        figures.Names.Count.ShouldBeGreaterThan(40);
        figures.Text.ShouldNotContain(some.Mailbox);
    }
}
