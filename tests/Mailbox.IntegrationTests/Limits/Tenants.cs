using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>How many mailboxes and bytes a tenant may have, on all nodes together.</summary>
public class Tenants
{
    private static readonly (string, string) ThreeMailboxes = ("Mailbox:Limits:MailboxesPerTenant", "3");
    private static readonly (string, string) TenThousandBytes = ("Mailbox:Limits:BytesPerTenant", "10000");

    [Fact]
    public async Task The_mailboxes_of_a_tenant_are_counted_over_all_nodes_and_the_next_is_refused_by_every_call()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await redis.StartNodeAsync(Cluster.Unhurried, ThreeMailboxes);
        await using var b = await redis.StartNodeAsync(Cluster.Unhurried, ThreeMailboxes);
        (await a.DeliverAsync("t.1", "x")).Status.ShouldBe(202);
        (await b.PutAsync("t.2", "{}")).Status.ShouldBe(201);
        await using (var third = await a.OpenAsync(Way.Ndjson, "t"))
        {
            await third.NextIsAsync(ControlEvents.Open);
        }

        foreach (var node in new[] { a, b })
        {
            var refused = await node.DeliverAsync("t.4", "x");
            (refused.Status, refused.Problem).ShouldBe((507, "tenant-full"));
            (await node.PutAsync("t.4", "{}")).Problem.ShouldBe("tenant-full");
            foreach (var way in Ways.All)
            {
                await Refusals.AssertUnavailableAsync(node, way, "tenant-full", 507, "t.4");
            }

            var many = (await node.DeliverManyAsync("""{"to":["t.1","t.4","other.1"],"data":"x"}""")).Json.GetProperty("results");
            many.EnumerateArray().Select(one => one.GetProperty("status").GetInt32()).ShouldBe([202, 507, 202]);
            (await node.DeliverAsync("t.1", "goes on")).Status.ShouldBe(202);
        }

        (await ExistsAsync(redis, "t.4")).ShouldBeFalse();
        await b.DeleteAsync(MailboxRoutes.ForMailbox("t.1"));
        (await a.DeliverAsync("t.4", "x")).Status.ShouldBe(202);
        (await a.DeliverAsync("t.5", "x")).Status.ShouldBe(507);
    }

    [Fact]
    public async Task The_bytes_of_a_tenant_are_counted_over_all_nodes_and_what_has_left_counts_no_more()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await redis.StartNodeAsync(Cluster.Unhurried, TenThousandBytes);
        await using var b = await redis.StartNodeAsync(Cluster.Unhurried, TenThousandBytes);
        var body = new string('x', 3_000);
        (await a.DeliverAsync("t.1", body)).Status.ShouldBe(202);
        (await b.DeliverAsync("t.1", body)).Status.ShouldBe(202);
        (await b.DeliverAsync("t.2", body)).Status.ShouldBe(202);
        var refused = await a.DeliverAsync("t.2", body);
        (refused.Status, refused.Problem).ShouldBe((507, "tenant-full"));
        (await b.InfoOfAsync("t.2")).Messages.ShouldBe(1);
        (await a.DeliverAsync("other", body)).Status.ShouldBe(202);

        // An open on a tenant that is full gets what is there, and makes room.
        await using var receiver = await a.OpenAsync(Way.Ndjson, "t.1", new ReceiverOptions { Ack = "client" });
        var messages = await receiver.NextMessagesAsync(2, Patience.Long);
        await receiver.AckAsync(messages[^1].Cursor!);
        await Eventually.HoldsAsync(async () => (await b.DeliverAsync("t.2", body)).Status == 202, Patience.Long, "there is room again");
        (await a.DeliverAsync("t.2", body)).Status.ShouldBe(202);
        (await a.DeliverAsync("t.2", body)).Status.ShouldBe(507);
    }

    [Fact]
    public async Task What_a_node_counted_before_it_died_is_found_out_before_anybody_is_refused()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cli = await redis.ConnectAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried, ThreeMailboxes, TenThousandBytes);
        (await node.DeliverAsync("t.1", "x")).Status.ShouldBe(202);
        await cli.ExecuteAsync("HINCRBY", "mailbox:~tenant:{t}", "bytes", "9999");
        await cli.ExecuteAsync("SADD", "mailbox:~tenant:{t}:mailboxes", "t.dead1", "t.dead2");

        (await node.DeliverAsync("t.2", new string('x', 1_000))).Status.ShouldBe(202);
        (await node.DeliverAsync("t.3", "x")).Status.ShouldBe(202);
        (await node.DeliverAsync("t.4", "x")).Status.ShouldBe(507);
    }

    [Fact]
    public async Task What_came_past_the_nodes_is_found_by_the_recount()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cli = await redis.ConnectAsync();
        await using var node = await redis.StartNodeAsync(
            Cluster.Unhurried, ThreeMailboxes, TenThousandBytes, ("Mailbox:Limits:TenantRecount", "00:00:01"));
        for (var i = 0; i < 3; i++)
        {
            await cli.ExecuteAsync("RPUSH", Keys.ListOf($"t.{i}"), new string('x', 3_000));
        }

        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync($"t.{Names.Fresh()}", "x", ("TTL", "0"))).Status == 507, Patience.Long, "the mailboxes are counted");
        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync("t.1", new string('x', 3_000))).Status == 507, Patience.Long, "the bytes are counted");
    }

    [Fact]
    public async Task On_a_cluster_a_tenant_s_mailboxes_lie_in_many_slots_and_are_counted_together()
    {
        await using var redis = await RedisCluster.StartAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:Limits:MailboxesPerTenant", "20"), TenThousandBytes);
        var many = await node.DeliverManyAsync(JsonSerializer.Serialize(new { to = Enumerable.Range(0, 30).Select(i => $"t.{i}"), data = "x" }));
        many.Json.GetProperty("results").EnumerateArray().Count(one => one.GetProperty("status").GetInt32() == 202).ShouldBe(20);
        (await node.DeleteAsync(MailboxRoutes.ForMailbox(
            many.Json.GetProperty("results").EnumerateArray().First(one => one.GetProperty("status").GetInt32() == 202)
                .GetProperty("mailbox").GetString()!))).Status.ShouldBe(204);
        (await node.DeliverAsync("t.new", "x")).Status.ShouldBe(202);
        (await node.DeliverAsync("t.newer", "x")).Status.ShouldBe(507);
    }

    private static async Task<bool> ExistsAsync(RedisServer redis, string mailbox)
    {
        await using var cli = await redis.ConnectAsync();
        return (long)(await cli.ExecuteAsync("EXISTS", Keys.HashOf(mailbox), Keys.ListOf(mailbox)))! > 0;
    }
}
