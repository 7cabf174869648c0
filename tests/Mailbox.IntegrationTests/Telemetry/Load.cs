using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>Some of everything that a node does on a good day, while it lives.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly List<IReceiver> _streams = [];

    /// <summary>The beginning of the mailboxes' names.</summary>
    public string Mailbox { get; } = Names.Fresh("load");

    public static async Task<Load> OnAsync(MailboxNode node)
    {
        var load = new Load();
        foreach (var way in Ways.All)
        {
            var mailbox = $"{load.Mailbox}-{way}";
            await node.DeliverAsync(mailbox, "there before");
            var stream = await node.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" });
            load._streams.Add(stream);
            var before = await stream.MessageAsync();
            (await node.AckAsync(mailbox, before.Cursor!)).Status.ShouldBe(204);
            await node.DeliverAsync(mailbox, "awaited");
            (await stream.MessageAsync()).Text.ShouldBe("awaited");
            await node.DeliverManyAsync($$"""{"to":["{{mailbox}}"],"data":"many"}""");
        }

        (await node.GetAsync("/v1/nothing")).Status.ShouldBe(404);
        (await node.GetAsync(MailboxRoutes.ForInfo("~system"))).Status.ShouldBe(403);
        await Figures.WhenAsync(node, ("mailbox_canary_roundtrip_seconds_count", 1), ("mailbox_wake_latency_seconds_count", 1));
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }
    }
}
