using System.Globalization;
using Mailbox.Faults.Histories;
using Mailbox.Faults.Running;
using Mailbox.TestKit;

namespace Mailbox.Faults;

/// <summary>What happens to a Redis that stands alone.</summary>
internal static class RedisFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("redis-kill-always", "kill -9 of Redis with appendfsync always", KillAsync),
        new("redis-kill-everysec", "kill -9 of Redis with appendfsync everysec", KillAsync)
        {
            Site = new() { RedisConfiguration = "appendonly yes; appendfsync everysec" },
            Permits = LossWindow.RedisTail,
            Tail = TimeSpan.FromSeconds(2),
        },
        new("redis-kill-memory", "kill -9 of Redis that keeps nothing on disk", KillAsync)
        {
            Site = new() { RedisConfiguration = "appendonly no" },
            Permits = LossWindow.RedisAll,
        },
        new("redis-freeze-short", "SIGSTOP Redis for 3 s", scene => FreezeAsync(scene, 3)),
        new("redis-freeze-long", "SIGSTOP Redis for 15 s", scene => FreezeAsync(scene, 15)),
        new("pubsub-kill", "CLIENT KILL TYPE pubsub every 2 s", async scene =>
        {
            for (var i = 0; i < scene.Times(4, 15); i++)
            {
                await ServerOf(scene).ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
                await scene.PauseAsync(2);
            }
        }),
        new("pubsub-overflow", "a node that reads no wakes: Redis drops its connection for them", OverflowAsync),
        new("script-flush", "SCRIPT FLUSH and FUNCTION FLUSH under load", async scene =>
        {
            for (var i = 0; i < scene.Times(6, 30); i++)
            {
                await ServerOf(scene).ExecuteAsync("SCRIPT", "FLUSH");
                await ServerOf(scene).ExecuteAsync("FUNCTION", "FLUSH");
                await scene.PauseAsync(0.5);
            }
        }),
        new("maxmemory", "no memory left, noeviction", FillAsync)
        {
            Load = new() { BodyBytes = 1000 },
        },
        new("rollback", "keys are put back from a backup and filled again, on a Redis that knows nothing of it", RollBackAsync)
        {
            Permits = LossWindow.RedisTail,
            Tail = TimeSpan.FromSeconds(1),
            Load = new() { HasProducers = false, AbsentEvery = 0 },
        },
        new("disk-full", "Redis has no room on its disk", async scene =>
        {
            var filler = Path.Combine(ServerOf(scene).DataDirectory, "filler");
            try
            {
                await File.WriteAllBytesAsync(filler, new byte[64 << 20]);
            }
            catch (IOException)
            {
                // That was the point.
            }

            await scene.PauseAsync(scene.Times(5, 15));
            File.Delete(filler);
            await scene.ExpectAcceptsAgainAsync();
        })
        {
            Site = new() { RedisConfiguration = "appendonly yes; appendfsync everysec", RedisDisk = 32 << 20 },
        },
        new("maxclients", "Redis takes no more connections", async scene =>
        {
            var server = ServerOf(scene);
            await using var admin = await server.ConnectAsync();
            await admin.ExecuteAsync("CONFIG", "SET", "maxclients", 2);
            await admin.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await admin.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            await scene.PauseAsync(scene.Times(4, 10));
            await admin.ExecuteAsync("CONFIG", "SET", "maxclients", 10_000);
            await scene.ExpectAcceptsAgainAsync();
        }),
    ];

    private static RedisServer ServerOf(Scene scene) => scene.Site.Redis.Single;

    private static async Task KillAsync(Scene scene)
    {
        for (var i = 0; i < scene.Times(1, 3); i++)
        {
            await ServerOf(scene).KillAsync();
            await scene.PauseAsync(1.5);
            await ServerOf(scene).RestartAsync();
            await scene.ExpectAcceptsAgainAsync();
            await scene.PauseAsync(2);
        }
    }

    private static async Task FreezeAsync(Scene scene, int seconds)
    {
        ServerOf(scene).Freeze();
        await scene.PauseAsync(seconds);
        ServerOf(scene).Thaw();
        await scene.ExpectAcceptsAgainAsync();
    }

    private static async Task OverflowAsync(Scene scene)
    {
        await using var admin = await ServerOf(scene).ConnectAsync();
        await admin.ExecuteAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 256kb 2");
        var node = scene.Site.Nodes[scene.Random.Next(scene.Site.Nodes.Count)];
        var before = await WakeConnectionsAsync(admin);
        node.Freeze();
        // To everything that anybody listens to, its own canary among it: a node just started may hold no mailbox. What a wake
        // carries is not relied on, so it may be anything.
        var junk = new byte[32 * 1024];
        var isDropped = false;
        for (var round = 0; round < 1000 && !isDropped; round++)
        {
            var channels = (object?[])(await admin.ExecuteAsync("PUBSUB", "CHANNELS", "mailbox:*"))!;
            await admin.ExecuteManyAsync([.. channels.Select(channel => new[] { "PUBLISH", channel!, junk })]);
            isDropped = !before.IsSubsetOf(await WakeConnectionsAsync(admin));
        }

        scene.Expect(isDropped, "Redis dropped no connection");
        await scene.PauseAsync(2);
        node.Thaw();
        await admin.ExecuteAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60");
    }

    private static async Task<HashSet<string>> WakeConnectionsAsync(RedisCli cli) =>
        [.. (await cli.TextAsync("CLIENT", "LIST", "TYPE", "pubsub"))!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])];

    /// <summary>Fills Redis with mailboxes that nobody opens, until it refuses; then gives it room again.</summary>
    private static async Task FillAsync(Scene scene)
    {
        await using var admin = await ServerOf(scene).ConnectAsync();
        var used = long.Parse((await ServerOf(scene).InfoAsync("memory", "used_memory"))!, CultureInfo.InvariantCulture);
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", used + (2 << 20));
        var refused = await Probe.DeliverUntilRefusedAsync(scene.Site, $"filler-{scene.Random.Next()}", 20_000);
        scene.Expect(refused is 503 or 507, $"a full Redis answered {refused}");
        await scene.PauseAsync(scene.Times(4, 15));
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", 0);
        await scene.ExpectAcceptsAgainAsync();
    }

    /// <summary>Nothing but the check tells then: the names are taken again, and there are more of them than before.</summary>
    private static async Task RollBackAsync(Scene scene)
    {
        await using var cli = await ServerOf(scene).ConnectAsync();
        foreach (var mailbox in scene.Load.Mailboxes)
        {
            var (hash, list) = ($"mailbox:{{{mailbox}}}", $"mailbox:{{{mailbox}}}:messages");
            await PushAsync("before", 20);
            await scene.PauseAsync(0.2);
            var backup = await cli.ExecuteManyAsync([["DUMP", hash], ["DUMP", list]]);
            await PushAsync("forgotten", 20);

            // Who had not seen it could tell no difference.
            await Eventually.HoldsAsync(
                () => scene.Load.IsReceived(mailbox, $"{mailbox}:forgotten:19"), TimeSpan.FromSeconds(30), "what will be forgotten was received");
            if (backup is [{ } hashThen, { } listThen])
            {
                await PushAsync("again", 60, ["RESTORE", hash, 3_600_000, hashThen, "REPLACE"], ["RESTORE", list, 3_600_000, listThen, "REPLACE"]);
            }

            Task PushAsync(string what, int count, params object[][] first) => scene.Load.RecordAsync(
                [.. Enumerable.Range(0, count).Select(i => ($"{mailbox}:{what}:{i}", mailbox))],
                payloads => cli.ExecuteManyAsync(
                [
                    ["MULTI"],
                    .. first,
                    ["RPUSH", list, .. payloads],
                    ["EXPIRE", list, 3_600, "NX"],
                    ["PUBLISH", hash + ":wake", 1],
                    ["EXEC"],
                ]));
        }
    }
}
