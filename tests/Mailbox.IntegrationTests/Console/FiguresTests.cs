using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Console;

/// <summary>What the nodes tell consoles of themselves: in a mailbox that everybody watches who may, and nobody else delivers into.</summary>
public class FiguresTests
{
    private static readonly (string Name, string Value) On = ("Mailbox:Console:Enabled", "true");

    private static readonly ReceiverOptions Watching = new() { Mode = "shared" };

    /// <summary>Figures live for 10 s, and come every 2 s.</summary>
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_node_tells_what_it_counts_and_what_one_told_that_died_is_forgotten()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await StartAsync(redis);
        await using var b = await StartAsync(redis);
        var (idOfA, idOfB) = (await a.IdAsync(), await b.IdAsync());
        var mailbox = Names.Fresh("figures");
        await using var stream = await a.OpenAsync(Way.Ndjson, mailbox);
        await stream.NextIsAsync(ControlEvents.Open);
        await a.DeliverAllAsync(mailbox, ["1", "2", "3"]);
        (await stream.TextsAsync(3)).ShouldBe(["1", "2", "3"]);
        (await a.DeliverAsync("~nodes", "x")).Status.ShouldBe(403);
        await using var watcher = await b.OpenAsync(Way.Ndjson, NodeFigures.Destination, Watching);

        var ofA = await NextAsync(watcher, idOfA, figures => figures is { Delivered: 3, Taken: 3, Refusals: > 0 });
        var ofB = await NextAsync(watcher, idOfB, figures => figures is { Connections: 1, Delivered: 0 });

        (ofA.State, ofA.Connections, ofA.Opens, ofA.Gaps, ofA.Resets).ShouldBe(("ready", 1, 1, 0, 0));
        ofA.Host.ShouldBe(Environment.MachineName);
        ofA.Memory.ShouldBeGreaterThan(10_000_000);
        ofA.WakeLatency.Counts.Count.ShouldBe(ofA.WakeLatency.Bounds.Count + 1);
        ofA.WakeLatency.Bounds.ShouldBeInOrder();
        ofB.Started.ShouldBeGreaterThan(ofA.Started);

        // Only what a stream waited for is measured; on a busy machine one message may come while it still writes the other.
        await Eventually.HoldsAsync(
            async () =>
            {
                await a.DeliverAllAsync(mailbox, ["again"]);
                await stream.MessageAsync();
                return (await WaitingAsync(b)).Any(figures => figures.Node == idOfA && figures.WakeLatency.Counts.Sum() > 0);
            },
            Patient,
            "a wake was measured");

        await a.KillAsync();
        await Eventually.HoldsAsync(
            async () => await WaitingAsync(b) is { Count: > 0 } waiting && waiting.All(figures => figures.Node == idOfB),
            Patient,
            "the dead node's figures are forgotten");
        await NextAsync(watcher, idOfB, figures => figures.Time > ofB.Time);
    }

    [Fact]
    public async Task Only_the_newest_of_each_node_waits_and_watchers_take_nothing_from_each_other()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await StartAsync(redis);
        await using var b = await StartAsync(redis);
        await using var first = await a.OpenAsync(Way.Ndjson, NodeFigures.Destination, Watching);
        await using var second = await b.OpenAsync(Way.Sse, NodeFigures.Destination, Watching);
        await first.NextIsAsync(ControlEvents.Open);
        await second.NextIsAsync(ControlEvents.Open);

        // Each is told of both nodes, again and again, and of nothing else: neither was replaced.
        var ids = new[] { await a.IdAsync(), await b.IdAsync() };
        foreach (var watcher in new[] { first, second, first, second })
        {
            foreach (var id in ids)
            {
                await NextAsync(watcher, id, _ => true);
            }
        }

        await Eventually.HoldsAsync(async () => (await a.InfoOfAsync(NodeFigures.Destination)).Last >= 10, Patient, "each node has told several times");
        var info = await a.InfoOfAsync(NodeFigures.Destination);
        info.Messages.ShouldBeLessThanOrEqualTo(2);
        (info.Sent, info.Epoch, info.Receiver).ShouldBe((0, 0, null));
        (await WaitingAsync(b)).Select(figures => figures.Node).ShouldBe(ids, ignoreOrder: true);
    }

    [Fact]
    public async Task A_node_that_drains_says_so_until_it_has_gone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stays = await StartAsync(redis);
        await using var leaves = await redis.StartNodeAsync(Cluster.Unhurried, On, ("Mailbox:DrainWindow", "00:00:20"));
        var id = await leaves.IdAsync();

        // Each ends at some moment of the window, so that the last of them keeps the node for most of it.
        var streams = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => leaves.OpenAsync(Way.Ndjson, Names.Fresh("figures"))));
        await using var watcher = await stays.OpenAsync(Way.Ndjson, NodeFigures.Destination, Watching);
        await NextAsync(watcher, id, figures => figures is { State: "ready", Connections: 10 });

        leaves.Terminate();

        await NextAsync(watcher, id, figures => figures is { State: "draining", Connections: > 0 });
        await NextAsync(watcher, await stays.IdAsync(), figures => figures.State == "ready");
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Who_may_read_how_a_node_is_may_watch_and_nobody_delivers()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(
            Cluster.Unhurried,
            On,
            ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
            ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
            ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience));
        var path = MailboxRoutes.ForMailbox(NodeFigures.Destination);
        foreach (var (scope, pattern, isIn) in new[]
        {
            ("mailbox.admin", "*", true), ("mailbox.admin", "~nodes", true), ("mailbox.admin", "~*", true), ("mailbox.open", "~nodes", true),
            ("mailbox.open", "*", false), ("mailbox.open", "~events", false), ("mailbox.admin", "team-*", false), ("mailbox.admin", "group:*", false),
            ("mailbox.deliver", "*", false), ("mailbox.deliver", "~nodes", false),
        })
        {
            var bearer = AccessSite.Bearer(TokenIssuer.Symmetric(new byte[32]).Make("caller", (scope, pattern)));
            var opened = await node.CallAsync("GET", path + "?mode=shared&wait=0", null, bearer, ("Accept", "application/json"));
            opened.Status.ShouldBe(isIn ? 200 : 403, $"{scope}:{pattern} {opened.Text}");
            (await node.CallAsync("GET", path + "/messages", null, bearer)).Status.ShouldBe(isIn ? 200 : 403, $"{scope}:{pattern}");

            // Whoever may watch still delivers nothing there: not one, not many, not by way of a group.
            (await node.DeliverAsync(NodeFigures.Destination, "x", bearer)).Status.ShouldBe(403, $"{scope}:{pattern}");
            var many = await node.CallAsync(
                "POST", MailboxRoutes.DeliverMany, """{"to":["~nodes"],"data":"x"}"""u8.ToArray(), bearer, ("Content-Type", "application/json"));
            many.Json.GetProperty("results")[0].GetProperty("status").GetInt32().ShouldBe(403, $"{scope}:{pattern}");
            (await node.CallAsync("PUT", MailboxRoutes.ForGroupMember("g", NodeFigures.Destination), null, bearer)).Status.ShouldBe(403, $"{scope}:{pattern}");
        }

        (await node.CallAsync("GET", path, null, ("Accept", "application/json"))).Status.ShouldBe(401);
    }

    private static Task<MailboxNode> StartAsync(RedisServer redis) => redis.StartNodeAsync(Cluster.Unhurried, On);

    /// <summary>The next figures of this node of which that holds; a control event beside the first ends the test.</summary>
    private static async Task<NodeFigures> NextAsync(IReceiver watcher, string node, Func<NodeFigures, bool> holds)
    {
        var until = DateTimeOffset.UtcNow + Patient;
        while (true)
        {
            (DateTimeOffset.UtcNow < until).ShouldBeTrue($"no such figures of node {node} came");
            var next = await watcher.NextAsync(Patience.Long);
            if (next.Kind == ReceivedKind.Message)
            {
                var figures = JsonSerializer.Deserialize(next.Body, MailboxJsonContext.Default.NodeFigures)!;
                if (figures.Node == node && holds(figures))
                {
                    return figures;
                }
            }
            else
            {
                next.IsControl(ControlEvents.Open).ShouldBeTrue($"{next}");
            }
        }
    }

    private static async Task<IReadOnlyList<NodeFigures>> WaitingAsync(MailboxNode node)
    {
        var answer = await node.GetAsync(MailboxRoutes.ForMessages(NodeFigures.Destination));
        answer.Status.ShouldBe(200, answer.Text);
        return
        [
            .. answer.Json.GetProperty("messages").EnumerateArray()
                .Select(message => message.GetProperty("data").Deserialize(MailboxJsonContext.Default.NodeFigures)!),
        ];
    }
}
