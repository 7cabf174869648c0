using System.Diagnostics;
using System.Text;
using Mailbox.Faults.Running;
using Mailbox.TestKit;

namespace Mailbox.Faults;

/// <summary>What happens to the nodes.</summary>
internal static class NodeFaults
{
    /// <summary>Groups of runs before are listed for an hour, and are gone: they must not come to be again.</summary>
    private const string TakeAway =
        "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HSET', KEYS[1], 'owner', 'ffffffffffffffff', 'lease', 0)";

    public static IEnumerable<Fault> All =>
    [
        new("node-kill", "kill -9 of a node that holds streams", async scene =>
        {
            for (var i = 0; i < scene.Times(1, 5); i++)
            {
                var victim = scene.Random.Next(scene.Site.Nodes.Count);
                await scene.Site.Nodes[victim].KillAsync();
                await scene.PauseAsync(2);
                await scene.Site.RestartNodeAsync(victim);
                await scene.PauseAsync(1);
            }
        })
        {
            EndsNodes = true,
        },
        new("group-kill", "kill -9 of nodes while they take deliveries to groups", async scene =>
        {
            for (var i = 0; i < scene.Times(2, 6); i++)
            {
                var victim = scene.Random.Next(scene.Site.Nodes.Count);
                await scene.Site.Nodes[victim].KillAsync();
                await scene.PauseAsync(1);
                await scene.Site.RestartNodeAsync(victim);
                await scene.PauseAsync(1);
            }
        })
        {
            Load = new() { ByGroup = 6 },
            EndsNodes = true,
        },
        new("group-lease", "the work on a group is taken from a node while it reaches members, again and again", async scene =>
        {
            for (var i = 0; i < scene.Times(4, 20); i++)
            {
                await TakeGroupsAwayAsync(scene, TimeSpan.FromSeconds(0.5));
                await scene.PauseAsync(1);
            }
        })
        {
            Load = new() { ByGroup = 6 },
        },
        new("node-freeze", "SIGSTOP a node while its clients move on, then SIGCONT", async scene =>
        {
            var node = scene.Site.Nodes[scene.Random.Next(scene.Site.Nodes.Count)];
            node.Freeze();
            await scene.PauseAsync(scene.Times(8, 20));
            node.Thaw();
            await scene.PauseAsync(2);
        }),
        new("node-term", "SIGTERM to a node with 1,000 streams", async scene =>
        {
            await using var stalls = new Stalls();
            var watch = Stopwatch.StartNew();
            scene.Site.Nodes[0].Terminate();
            var code = await scene.Site.Nodes[0].WaitForExitAsync(TimeSpan.FromSeconds(30));
            scene.Expect(code == 0, $"it ended with {code}");
            scene.Expect(watch.Elapsed - stalls.Total < TimeSpan.FromSeconds(12), $"the drain of 2 s took {watch.Elapsed}");
            await scene.PauseAsync(2);
            await scene.Site.RestartNodeAsync(0);
        })
        {
            Site = new() { Nodes = 2 },
            Load = new() { Idle = 2000, ClientsOfEachKind = 1 },
            EndsNodes = true,
        },
        new("rolling-restart", "every node replaced under load, twice", async scene =>
        {
            for (var round = 0; round < scene.Times(1, 2) * 2; round++)
            {
                for (var i = 0; i < scene.Site.Nodes.Count; i++)
                {
                    scene.Site.Nodes[i].Terminate();
                    var code = await scene.Site.Nodes[i].WaitForExitAsync(TimeSpan.FromSeconds(60));
                    scene.Expect(code == 0, $"node {i} ended with {code}");
                    await scene.Site.RestartNodeAsync(i);
                }
            }
        })
        {
            EndsNodes = true,
        },
        new("clock", "the clock of one node is an hour ahead", scene => scene.PauseAsync(scene.Times(4, 30)))
        {
            Site = new() { ClockOffset = TimeSpan.FromHours(1) },
        },
    ];

    /// <summary>As if its lease had run out: whatever page was under way is not noted, and its members are reached again.</summary>
    private static async Task TakeGroupsAwayAsync(Scene scene, TimeSpan time)
    {
        await using var cli = await scene.Site.Redis.Single.ConnectAsync();
        var groups = ((object[])(await cli.ExecuteAsync("ZRANGE", "mailbox:groups", "0", "-1"))!).Select(group => Encoding.UTF8.GetString((byte[])group)).ToList();
        scene.Expect(groups.Count > 0, "there is no group");
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            await cli.ExecuteManyAsync([.. groups.Select(group => (object[])["EVAL", TakeAway, "1", $"mailbox:group:{{{group}}}"])]);
        }
    }
}
