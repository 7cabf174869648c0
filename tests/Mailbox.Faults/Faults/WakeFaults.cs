using Mailbox.Faults.Running;
using Mailbox.TestKit;

namespace Mailbox.Faults;

/// <summary>
/// Wakes that never come. Nobody but the nemesis delivers, each mailbox gets one message at a time, and no client gives up
/// by itself: so nothing but what is proven here can find it.
/// </summary>
internal static class WakeFaults
{
    private static readonly LoadPlan Alone = new() { HasProducers = false, AbsentEvery = 0, Patience = TimeSpan.FromMinutes(2) };

    /// <summary>With a sweep that comes far too late to help.</summary>
    private static readonly SitePlan Unswept = new() { NodeSettings = "Mailbox:Heartbeat=00:00:30; Mailbox:Sweep=00:01:00" };

    public static IEnumerable<Fault> All =>
    [
        new("producer-dies", "a producer that dies between RPUSH and PUBLISH", async scene =>
        {
            for (var i = 0; i < scene.Times(3, 20); i++)
            {
                await DeliverToAllAsync(scene, $"dead:{i}", isWoken: false);
                await scene.PauseAsync(1);
            }
        })
        {
            Load = Alone,
        },
        new("wake-lost", "wakes are sent while nobody listens, and not again", async scene =>
        {
            for (var i = 0; i < scene.Times(2, 10); i++)
            {
                await DeliverUnheardAsync(scene, $"unheard:{i}");
                await scene.PauseAsync(5);
            }
        })
        {
            Site = Unswept,
            Load = Alone,
            CatchesUpWithin = TimeSpan.FromSeconds(8),
        },
        new("open-race", "messages that come while their client is just connecting", async scene =>
        {
            for (var i = 0; i < scene.Times(6, 40); i++)
            {
                // One message for each, at a moment of its own while its client is on its way back.
                var opens = scene.Load.Clients.ToDictionary(client => client, client => client.Opens);
                await Task.WhenAll(scene.Load.Clients.Select(client => client.DropAsync()));
                var moments = scene.Load.Mailboxes.Select(mailbox => (mailbox, At: scene.Random.NextDouble() * 0.6)).ToList();
                await Task.WhenAll(moments.Select(async one =>
                {
                    await scene.PauseAsync(one.At);
                    await DeliverAsync(scene, $"race:{i}", one.mailbox, isWoken: true);
                }));

                // And one right behind its first take, however quick or slow that came.
                await Task.WhenAll(opens.Select(async (one, n) =>
                {
                    await Eventually.HoldsAsync(() => one.Key.Opens > one.Value, TimeSpan.FromSeconds(30), "the client is back");
                    await scene.PauseAsync(0.1);
                    await DeliverAsync(scene, $"opened:{i}:{n}", one.Key.Mailbox, isWoken: true);
                }));
                await scene.PauseAsync(0.5);
            }
        })
        {
            Site = Unswept,
            Load = Alone,
            CatchesUpWithin = TimeSpan.FromSeconds(8),
        },
    ];

    private static async Task DeliverToAllAsync(Scene scene, string payload, bool isWoken)
    {
        foreach (var mailbox in scene.Load.Mailboxes)
        {
            await DeliverAsync(scene, payload, mailbox, isWoken);
        }
    }

    private static Task DeliverAsync(Scene scene, string payload, string mailbox, bool isWoken) =>
        scene.Load.RecordAsync([($"{payload}:{mailbox}", mailbox)], async payloads =>
        {
            await using var cli = await scene.Site.Redis.Single.ConnectAsync();
            await cli.ExecuteManyAsync(CommandsOf(payloads[0], mailbox, isWoken));
        });

    /// <summary>To all at once, in one transaction with the end of every connection for wakes: no node can be quick enough to listen again.</summary>
    private static Task DeliverUnheardAsync(Scene scene, string payload)
    {
        var mailboxes = scene.Load.Mailboxes;
        return scene.Load.RecordAsync([.. mailboxes.Select(mailbox => ($"{payload}:{mailbox}", mailbox))], async payloads =>
        {
            await using var cli = await scene.Site.Redis.Single.ConnectAsync();
            var replies = await cli.ExecuteManyAsync(
            [
                ["MULTI"],
                ["CLIENT", "KILL", "TYPE", "pubsub"],
                .. mailboxes.SelectMany((mailbox, i) => CommandsOf(payloads[i], mailbox, isWoken: true)),
                ["EXEC"],
            ]);
            var done = (object?[])replies[^1]!;
            scene.Expect(done.Skip(1).Where((_, i) => i % 3 == 2).All(heard => heard is 0L), "a wake that nobody was to hear was heard");
        });
    }

    private static object[][] CommandsOf(string payload, string mailbox, bool isWoken) =>
    [
        ["RPUSH", $"mailbox:{{{mailbox}}}:messages", payload],
        ["EXPIRE", $"mailbox:{{{mailbox}}}:messages", 86_400, "NX"],
        .. isWoken ? new object[][] { ["PUBLISH", $"mailbox:{{{mailbox}}}:wake", 1] } : [],
    ];
}
