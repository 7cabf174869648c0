using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>What happens between processes, each in a network namespace of its own. Needs root, and Linux.</summary>
internal static class NetworkFaults
{
    private static readonly SitePlan Site = new() { Redis = RedisKind.Namespaces };

    public static IEnumerable<Fault> All =>
    [
        new("partition-silent", "a node's path to Redis swallows everything", scene => PartitionAsync(scene, isSilent: true)) { Site = Site },
        new("partition-reset", "a node's path to Redis resets every connection", scene => PartitionAsync(scene, isSilent: false)) { Site = Site },
        new("client-half-open", "clients whose network is gone without a word", async scene =>
        {
            for (var i = 0; i < scene.Times(1, 4); i++)
            {
                foreach (var client in scene.Load.Clients.Where((_, index) => index % 2 == 0))
                {
                    if (client.EndPoint is { } own && NodeOf(scene, client.Node!) is >= 0 and var node)
                    {
                        await scene.Site.Homes[node].DropConnectionAsync(own);
                    }
                }

                await scene.PauseAsync(scene.Times(12, 30));
                foreach (var home in scene.Site.Homes)
                {
                    await home.HealAsync();
                }

                await scene.PauseAsync(2);
            }
        })
        {
            Site = Site,
        },
    ];

    private static int NodeOf(Scene scene, Uri address) =>
        scene.Site.Nodes.Select(node => node.BaseAddress).ToList().IndexOf(address);

    private static async Task PartitionAsync(Scene scene, bool isSilent)
    {
        var redis = scene.Site.Redis.Single;
        for (var i = 0; i < scene.Times(1, 4); i++)
        {
            var home = scene.Site.Homes[scene.Random.Next(scene.Site.Homes.Count)];
            await (isSilent ? home.BlackHoleAsync(redis.Address, redis.Port) : home.ResetAsync(redis.Address, redis.Port));
            await scene.PauseAsync(scene.Times(8, 20));
            await home.HealAsync();
            await scene.ExpectAcceptsAgainAsync();
            await scene.PauseAsync(2);
        }
    }
}
