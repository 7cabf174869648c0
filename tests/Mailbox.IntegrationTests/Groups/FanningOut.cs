using System.Globalization;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>How deliveries reach the members: in order, the newest of a topic, and once, whatever happens to nodes.</summary>
public class FanningOut(Cluster cluster)
{
    private const int Members = 2_000;

    [Fact]
    public async Task Deliveries_by_both_nodes_reach_each_member_in_one_order()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("order"));
        var names = Enumerable.Range(0, 40).Select(i => $"{prefix}.{i}").ToArray();
        await GroupCalls.FillAsync(cluster.RedisAsync, group, names);
        var ids = new List<string>();
        for (var i = 1; i <= 60; i++)
        {
            ids.Add(await (i % 2 == 0 ? cluster.A : cluster.B).LeaveToGroupAsync(group, $"m{i}"));
        }

        await cluster.A.EndOfAsync(group, ids[^1], Patience.Start);

        foreach (var name in names.Take(5))
        {
            await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, name);
            (await receiver.TextsAsync(60)).ShouldBe(Reading.Numbered(1, 60));
        }
    }

    [Fact]
    public async Task Of_a_topic_only_the_newest_that_waits_is_fanned_out_and_behind_what_came_before_it()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("topic"));
        await cluster.A.JoinAllAsync(group, mailbox);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await GroupCalls.HoldAsync(cluster.RedisAsync, group);
        var replaced = await cluster.A.LeaveToGroupAsync(group, "acme 1", ("Topic", "acme"));
        await cluster.A.LeaveToGroupAsync(group, "other 1", ("Topic", "other"));
        await cluster.A.LeaveToGroupAsync(group, "plain");
        for (var i = 2; i <= 2_500; i++)
        {
            await cluster.A.LeaveToGroupAsync(group, $"acme {i}", ("Topic", "acme"));
            if (i == 1_200)
            {
                await cluster.A.LeaveToGroupAsync(group, "other 2", ("Topic", "other"));
            }
        }

        await GroupCalls.LetGoAsync(cluster.RedisAsync, group);

        (await receiver.TextsAsync(3)).ShouldBe(["plain", "other 2", "acme 2500"]);
        await receiver.SilenceAsync();
        (await cluster.A.DeliveryOfAsync(group, replaced)).State.ShouldBe("replaced");
        (await cluster.RedisAsync("EXISTS", GroupCalls.OutboxOf(group))).ShouldBe(0L);
    }

    [Fact]
    public async Task Another_node_finishes_what_one_that_is_killed_has_begun_and_no_member_gets_it_twice()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var dies = await redis.StartNodeAsync();
        await using var stays = await redis.StartNodeAsync();
        await using var cli = await redis.ConnectAsync();
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("killed"));
        await GroupCalls.FillAsync(cli.ExecuteAsync, group, Enumerable.Range(0, Members).Select(i => $"{prefix}.{i}"));

        var (id, count) = await HalfWayAsync(dies, cli, group);
        await dies.KillAsync();

        // The one that is left was told of the delivery, and waits for the dead one's lease to end.
        var told = await stays.EndOfAsync(group, id, TimeSpan.FromSeconds(60));
        (told.State, told.Members, told.Delivered + told.Waiting).ShouldBe(("done", Members, Members));
        for (var i = 0; i < Members; i++)
        {
            (await cli.ExecuteAsync("LLEN", Keys.ListOf($"{prefix}.{i}"))).ShouldBe((long)count, $"{prefix}.{i}");
        }
    }

    [Fact]
    public async Task A_node_that_stood_still_half_way_does_no_harm_when_it_goes_on_and_who_left_meanwhile_gets_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var freezes = await redis.StartNodeAsync();
        await using var stays = await redis.StartNodeAsync();
        await using var cli = await redis.ConnectAsync();
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("frozen"));
        await GroupCalls.FillAsync(cli.ExecuteAsync, group, Enumerable.Range(0, Members).Select(i => $"{prefix}.{i}"));

        var (id, count) = await HalfWayAsync(freezes, cli, group);
        freezes.Freeze();
        var last = RedisCli.TextOf(((object?[])(await cli.ExecuteAsync("ZRANGE", GroupCalls.RoundOf(group), -1, -1))!)[0])!;
        (await stays.DeleteAsync(MailboxRoutes.ForGroupMember(group, last))).Status.ShouldBe(204);
        var told = await stays.EndOfAsync(group, id, TimeSpan.FromSeconds(60));
        freezes.Thaw();

        // What it asked of Redis before it stood still is late, and for a moment it takes Redis for silent.
        await Eventually.HoldsAsync(
            async () => (await freezes.DeliverToGroupAsync(group, "after", ("Idempotency-Key", "k"))).Status is 200 or 202, Patience.Start, "it goes on");
        (await freezes.EndOfAsync(group, id)).ShouldBe(told);

        (told.State, told.Members).ShouldBe(("done", Members - 1));
        await Eventually.HoldsAsync(
            async () => (await freezes.GetAsync(MailboxRoutes.ForGroup(group))).Json.GetProperty("outbox").GetInt32() == 0, Patience.Start, "nothing waits");
        (await cli.ExecuteAsync("LLEN", Keys.ListOf(last))).ShouldBe((long)count - 1);
        for (var i = 0; i < Members; i++)
        {
            if ($"{prefix}.{i}" != last)
            {
                (await cli.ExecuteAsync("LLEN", Keys.ListOf($"{prefix}.{i}"))).ShouldBe((long)count + 1, $"{prefix}.{i}");
            }
        }
    }

    [Fact]
    public async Task A_node_that_drains_gives_the_work_to_another_at_once()
    {
        await using var redis = await RedisServer.StartAsync();

        // A lease and a sweep far longer than the test: only what is given up is taken over.
        (string, string)[] settings = [("Mailbox:Redis:Deadline", "00:01:00"), ("Mailbox:Heartbeat", "00:05:00"), ("Mailbox:Sweep", "00:10:00")];
        await using var leaves = await redis.StartNodeAsync(settings);
        await using var stays = await redis.StartNodeAsync(settings);
        await using var cli = await redis.ConnectAsync();
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("drains"));
        await GroupCalls.FillAsync(cli.ExecuteAsync, group, Enumerable.Range(0, Members).Select(i => $"{prefix}.{i}"));

        var (id, _) = await HalfWayAsync(leaves, cli, group);
        leaves.Terminate();

        (await stays.EndOfAsync(group, id, TimeSpan.FromSeconds(60))).Members.ShouldBe(Members);
    }

    /// <summary>Delivers until a delivery of this node is seen half-way. Tells its id, and how many were delivered.</summary>
    private static async Task<(string Id, int Count)> HalfWayAsync(MailboxNode node, RedisCli redis, string group)
    {
        var self = await node.IdAsync();
        var body = new string('x', 16_000);
        for (var count = 1; count <= 20; count++)
        {
            var id = await node.LeaveToGroupAsync(group, body + count.ToString(CultureInfo.InvariantCulture));
            while ((await node.DeliveryOfAsync(group, id)).State != GroupDeliveryStates.Done)
            {
                var owner = RedisCli.TextOf(await redis.ExecuteAsync("HGET", GroupCalls.StateOf(group), "owner"));
                if (await redis.ExecuteAsync("ZCARD", GroupCalls.RoundOf(group)) is > 500L and < Members - 200L && owner == self)
                {
                    return (id, count);
                }
            }
        }

        throw new InvalidOperationException("No delivery was seen half-way.");
    }
}
