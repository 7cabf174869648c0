using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>Redis Cluster: a group's keys in one slot, its members' mailboxes on all primaries.</summary>
public class GroupsOnACluster
{
    [Fact]
    public async Task Members_on_every_primary_get_it_by_http_and_straight_from_redis()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var node = await cluster.StartNodeAsync();
        await using var other = await cluster.StartNodeAsync();
        await using var calls = cluster.NewCalls();
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("cluster"));
        var names = Enumerable.Range(0, 30).Select(i => $"{prefix}.{i}").ToArray();
        await node.JoinAllAsync(group, names);

        var told = (await other.DeliverToGroupAsync(group, "one", ("Topic", "t"), ("Idempotency-Key", "k"))).Group();
        (told.State, told.Waiting).ShouldBe(("done", 30));
        await calls.ExecuteAsync(GroupCalls.OutboxOf(group), [["RPUSH", GroupCalls.OutboxOf(group), "two"], ["PUBLISH", "mailbox:groups:wake", group]]);

        foreach (var name in names)
        {
            await using var receiver = await node.OpenAsync(Way.Ndjson, name);
            (await receiver.TextsAsync(2)).ShouldBe(["one", "two"]);
        }
    }
}
