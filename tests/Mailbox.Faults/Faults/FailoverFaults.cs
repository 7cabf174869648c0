using Mailbox.Faults.Histories;
using Mailbox.Faults.Running;
using Mailbox.TestKit;

namespace Mailbox.Faults;

/// <summary>One Redis stands in for another: Sentinels, and a cluster.</summary>
internal static class FailoverFaults
{
    private static readonly SitePlan Sentinels = new() { Redis = RedisKind.Failover };
    private static readonly SitePlan Cluster = new() { Redis = RedisKind.Cluster };

    public static IEnumerable<Fault> All =>
    [
        new("failover-current", "kill -9 of the primary; its replica has everything", scene => KillPrimaryAsync(scene, isLagging: false))
        {
            Site = Sentinels,

            // A replica is current but for what was accepted in the last moments.
            Permits = LossWindow.RedisTail,
            Tail = TimeSpan.FromSeconds(1),
        },
        new("failover-lagging", "kill -9 of the primary; its replica has missed seconds of it", scene => KillPrimaryAsync(scene, isLagging: true))
        {
            Site = Sentinels,
            Permits = LossWindow.RedisTail,
            Tail = TimeSpan.FromSeconds(1),
        },
        new("cluster-kill", "kill -9 of a cluster's primary", async scene =>
        {
            var cluster = scene.Site.Redis.Cluster;
            for (var i = 0; i < scene.Times(1, 3); i++)
            {
                var mailbox = scene.Load.Mailboxes[scene.Random.Next(scene.Load.Mailboxes.Count)];
                var slot = await cluster.SlotOfAsync($"mailbox:{{{mailbox}}}");
                var old = await cluster.PrimaryOfAsync(slot);
                await old.KillAsync();
                await cluster.WaitForFailoverAsync(slot, old);
                await scene.ExpectAcceptsAgainAsync();
                await cluster.RestartAsync(old);
                await scene.PauseAsync(2);
            }
        })
        {
            Site = Cluster,
            Permits = LossWindow.RedisTail,
            Tail = TimeSpan.FromSeconds(1),
        },
        new("cluster-migration", "slots move between primaries under load", async scene =>
        {
            var cluster = scene.Site.Redis.Cluster;
            foreach (var mailbox in scene.Load.Mailboxes.Take(scene.Times(6, 30)))
            {
                var slot = await cluster.SlotOfAsync($"mailbox:{{{mailbox}}}");
                var from = await cluster.PrimaryOfAsync(slot);
                var to = (await cluster.PrimariesAsync()).First(server => server != from);
                var migration = await SlotMigration.BeginAsync(cluster, slot, to);
                await migration.CompleteAsync(TimeSpan.FromMilliseconds(200));
            }
        })
        {
            Site = Cluster,
        },
    ];

    private static async Task KillPrimaryAsync(Scene scene, bool isLagging)
    {
        var failover = scene.Site.Redis.Failover;
        for (var i = 0; i < scene.Times(1, 3); i++)
        {
            var old = await failover.PrimaryAsync();
            var replica = (await failover.ReplicasAsync())[0];
            if (isLagging)
            {
                await RedisFailover.CutOffAsync(replica);
                await scene.PauseAsync(2);
            }
            else
            {
                // What came since is in the loss window that the fault declares.
                await using var cli = await old.ConnectAsync();
                await cli.ExecuteManyAsync([["SET", "faults-marker", 1, "EX", 60], ["WAIT", 1, 10_000]]);
            }

            await old.KillAsync();
            await failover.WaitForFailoverAsync(old);
            if (isLagging)
            {
                await RedisFailover.RejoinAsync(replica);
            }

            await scene.ExpectAcceptsAgainAsync();
            await failover.RestartAsReplicaAsync(old);
            await scene.PauseAsync(2);
        }
    }
}
