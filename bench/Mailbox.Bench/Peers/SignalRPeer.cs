using Mailbox.Bench.Load;
using Mailbox.TestKit;

namespace Mailbox.Bench.Peers;

/// <summary>SignalR in memory; over WebSockets, its best transport, without its negotiate step.</summary>
internal sealed class SignalRPeer : DotnetPeer
{
    private const char RecordEnd = '\x1e';

    private SignalRPeer(WatchedProcess process, int port)
        : base("SignalR", process, port)
    {
    }

    public static async Task<Peer> StartAsync()
    {
        var (process, port) = await LaunchAsync("SignalRPeer");
        return new SignalRPeer(process, port);
    }

    public override Opening Opening(string mailbox, Transport transport, string? cursor) => new()
    {
        Transport = Transport.WebSocket,
        Target = $"/hub?name={mailbox}",
        Hello = $$"""{"protocol":"json","version":1}{{RecordEnd}}""",
        Opened = "\"open\"",
    };
}
