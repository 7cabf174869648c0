using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>What no server on Kestrel can go below.</summary>
internal sealed class FloorPeer : DotnetPeer
{
    private FloorPeer(WatchedProcess process, int port)
        : base("Kestrel floor", process, port)
    {
    }

    public static async Task<Peer> StartAsync()
    {
        var (process, port) = await LaunchAsync("KestrelFloor");
        return new FloorPeer(process, port);
    }

    public override Opening Opening(string mailbox, Transport transport, string? cursor) =>
        new() { Transport = Transport.Sse, Target = $"/{mailbox}" };
}
