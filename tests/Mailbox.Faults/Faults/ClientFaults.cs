using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>What clients do.</summary>
internal static class ClientFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("fight", "two clients fight for one mailbox", scene => scene.PauseAsync(scene.Times(6, 60)))
        {
            Load = new() { Contested = 8, ClientsOfEachKind = 1 },
        },
        new("client-reset", "clients drop their connections in the middle of a message", async scene =>
        {
            for (var i = 0; i < scene.Times(120, 1000); i++)
            {
                await scene.Load.Clients[scene.Random.Next(scene.Load.Clients.Count)].DropAsync();
                await scene.PauseAsync(0.05);
            }
        })
        {
            Load = new() { BodyBytes = 20_000, Pause = TimeSpan.FromMilliseconds(40) },
        },
        new("slow-reader", "slow readers of 64 KiB messages beside fast ones", scene => scene.PauseAsync(scene.Times(10, 60)))
        {
            Load = new()
            {
                Slow = 8, BodyBytes = 65_000, Pause = TimeSpan.FromMilliseconds(100), ClientsOfEachKind = 1, SlowDelay = TimeSpan.FromMilliseconds(150),
            },
            CatchesUpWithin = TimeSpan.FromSeconds(60),
        },
        new("storm", "3,000 clients reconnect at once", async scene =>
        {
            await Task.WhenAll(scene.Site.Nodes.Select(node => node.KillAsync()));
            await Task.WhenAll(Enumerable.Range(0, scene.Site.Nodes.Count).Select(scene.Site.RestartNodeAsync));
            await scene.PauseAsync(5);
        })
        {
            Site = new() { Nodes = 2 },
            Load = new() { Idle = 3000, ClientsOfEachKind = 1 },
            CatchesUpWithin = TimeSpan.FromSeconds(30),
        },
    ];
}
