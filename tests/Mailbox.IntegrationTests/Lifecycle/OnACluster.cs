using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>Redis Cluster: every mailbox in one slot, the slots on several primaries, and primaries that go.</summary>
public class OnACluster
{
    private static readonly TimeSpan Failover = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_call_reaches_the_primary_that_has_the_mailbox()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var node = await cluster.StartNodeAsync();
        var prefix = Names.Fresh("all");
        var mailboxes = Enumerable.Range(0, 12).Select(i => $"{prefix}.{i}").ToArray();
        foreach (var mailbox in mailboxes)
        {
            (await node.DeliverAsync(mailbox, "one")).Status.ShouldBe(202);
        }

        var many = await node.DeliverManyAsync(JsonSerializer.Serialize(new { to = mailboxes, data = "two" }));
        many.Json.GetProperty("results").EnumerateArray().ShouldAllBe(result => result.GetProperty("status").GetInt32() == 202);

        var listed = new List<string>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = (await node.GetAsync($"/v1/mailboxes?prefix={prefix}{(cursor.Length > 0 ? "&cursor=" + cursor : "")}")).Json;
            listed.AddRange(page.GetProperty("mailboxes").EnumerateArray().Select(name => name.GetString()!));
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }

        listed.Distinct().Order().ShouldBe(mailboxes.Order());
        foreach (var mailbox in mailboxes)
        {
            await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
            (await receiver.TextsAsync(2)).ShouldBe(["one", "two"]);
            (await node.DeliverAsync(mailbox, "three")).Status.ShouldBe(201);
            (await receiver.TextsAsync(1)).ShouldBe(["three"]);
        }

        (await node.GetAsync("/v1/nodes")).Json.GetProperty("nodes").GetArrayLength().ShouldBe(1);
        (await node.GetAsync("/info")).Json.GetProperty("store").GetProperty("mode").GetString().ShouldBe("cluster");
    }

    [Fact]
    public async Task The_function_is_on_every_primary_and_comes_back_where_it_was_lost()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var node = await cluster.StartNodeAsync();
        foreach (var primary in await cluster.PrimariesAsync())
        {
            (await HasFunctionAsync(primary)).ShouldBeTrue();
            await primary.ExecuteAsync("FUNCTION", "FLUSH");
            await Eventually.HoldsAsync(() => HasFunctionAsync(primary), Patience.Long, "the function is back");
        }

        static async Task<bool> HasFunctionAsync(RedisServer server) =>
            (await server.ExecuteAsync("FUNCTION", "LIST", "LIBRARYNAME", "mailbox")) is object?[] { Length: 1 };
    }

    [Fact]
    public async Task A_primary_that_stands_still_costs_only_the_mailboxes_that_it_holds()
    {
        await using var cluster = await RedisCluster.StartAsync();
        foreach (var server in cluster.Servers)
        {
            await server.ExecuteAsync("CONFIG", "SET", "cluster-node-timeout", 120_000); // nobody stands in for it
        }

        await using var node = await cluster.StartNodeAsync();
        var primaries = await cluster.PrimariesAsync();
        var held = await Task.WhenAll(primaries.Select(primary => MailboxOnAsync(cluster, primary)));
        await using var receiver = await node.OpenAsync(Way.Ndjson, held[1]);

        primaries[0].Freeze();
        var refused = 0;
        for (var i = 0; i < 40; i++)
        {
            refused += (await node.DeliverAsync(held[0], "m")).Status == 503 ? 1 : 0;
            (await node.DeliverAsync(held[1], $"{i}")).Status.ShouldBe(201);
            (await node.DeliverAsync(held[2], "m")).Status.ShouldBe(202);
            await Task.Delay(50);
        }

        // Nor do the others' clients have to wait, once wakes come from another than the one that stands still.
        await Eventually.HoldsAsync(() => OpensAsync(held[2]), Patience.Long, "the others can be opened");
        for (var i = 0; i < 12; i++)
        {
            (await OpensAsync(held[2])).ShouldBeTrue();
            await Task.Delay(250);
        }

        refused.ShouldBe(40);
        (await receiver.TextsAsync(40)).ShouldBe(Enumerable.Range(0, 40).Select(i => $"{i}"));
        (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString().ShouldBe("degraded");

        primaries[0].Thaw();
        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(held[0], "m")).Status == 202, Patience.Long, "deliveries work again");

        async Task<bool> OpensAsync(string mailbox)
        {
            try
            {
                await using var other = await node.OpenAsync(Way.Ndjson, mailbox);
                return true;
            }
            catch (OpenRefusedException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Streams_go_on_when_each_primary_in_turn_is_killed_and_its_replica_stands_in()
    {
        await using var cluster = await RedisCluster.StartAsync(new Dictionary<string, string> { ["appendonly"] = "yes" });
        await using var node = await cluster.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        foreach (var primary in await cluster.PrimariesAsync())
        {
            // One of them has the node's wake connection.
            var lost = await MailboxOnAsync(cluster, primary);
            var slot = await cluster.SlotOfAsync(Keys.HashOf(lost));
            var held = new List<string>();
            foreach (var mailbox in streams.Mailboxes)
            {
                if (await cluster.PrimaryOfAsync(Keys.HashOf(mailbox)) == primary)
                {
                    held.Add(mailbox);
                }
            }

            await primary.KillAsync();
            await cluster.WaitForFailoverAsync(slot, primary);
            await Eventually.HoldsAsync(
                async () => (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString() == "ready" &&
                    (await node.DeliverAsync(lost, "m")).Status == 202,
                Failover,
                "the node has found the replica");
            await streams.AssertFlowAfterFailoverAsync(node, of: held);
            await cluster.RestartAsync(primary);
        }
    }

    [Fact]
    public async Task A_mailbox_whose_slot_moves_loses_nothing_and_its_stream_goes_on()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var node = await cluster.StartNodeAsync();
        var primaries = await cluster.PrimariesAsync();
        var mailbox = await MailboxOnAsync(cluster, primaries[0]);
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await DeliverAsync("before");

        var migration = await SlotMigration.BeginAsync(cluster, await cluster.SlotOfAsync(Keys.HashOf(mailbox)), primaries[1]);
        await migration.MoveAsync(1);
        (await node.DeliverAsync(mailbox, "of two halves", ("Idempotency-Key", "halves"))).Status.ShouldBeOneOf(201, 503);
        var sending = DeliverAsync("during");
        await migration.CompleteAsync();
        await sending;
        await DeliverAsync("after");

        // To the mailbox the other primary is what a replica is that was promoted: its receiver is told, once.
        var (texts, told) = (new List<string>(), new List<string?>());
        while (!texts.Contains("after"))
        {
            var next = await receiver.NextAsync(Patience.Long);
            next.Kind.ShouldBeOneOf(ReceivedKind.Message, ReceivedKind.Control);
            if (next.Kind == ReceivedKind.Message)
            {
                texts.Add(next.Text);
            }
            else if (!next.IsControl(ControlEvents.Open))
            {
                next.IsControl(ControlEvents.Reset).ShouldBeTrue($"{next}");
                told.Add(next.Json!.Value.GetProperty("reason").GetString());
            }
        }

        texts.Where(text => text != "of two halves").ShouldBe(["before", "during", "after"]);
        told.ShouldBe([ResetReasons.Failover]);

        Task DeliverAsync(string text) => Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(mailbox, text, ("Idempotency-Key", text))).Status is 201 or 202, Failover, $"{text} is accepted");
    }

    private static async Task<string> MailboxOnAsync(RedisCluster cluster, RedisServer primary)
    {
        while (true)
        {
            var mailbox = Names.Fresh("on");
            if (await cluster.PrimaryOfAsync(Keys.HashOf(mailbox)) == primary)
            {
                return mailbox;
            }
        }
    }
}
