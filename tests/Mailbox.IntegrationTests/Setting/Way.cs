using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>The ways to receive that behaviours are stated over.</summary>
public enum Way
{
    Sse,
    WebSocket,
    WebSocketOverHttp2,
    Ndjson,
    LongPoll,
}

/// <summary>Opens a mailbox in any way.</summary>
internal static class Ways
{
    public static Way[] All { get; } = Enum.GetValues<Way>();

    /// <summary>All but the long-poll: streams that last.</summary>
    public static Way[] Streams { get; } = [.. All.Where(way => way != Way.LongPoll)];

    public static bool IsWebSocket(this Way way) => way is Way.WebSocket or Way.WebSocketOverHttp2;

    public static Task<IReceiver> OpenAsync(this MailboxNode node, Way way, string mailbox, ReceiverOptions? options = null)
    {
        options ??= new ReceiverOptions();
        return way switch
        {
            Way.Sse => Receivers.OpenAsync(TransportKind.Sse, node.BaseAddress, mailbox, options),
            Way.WebSocket => Receivers.OpenAsync(TransportKind.WebSocket, node.BaseAddress, mailbox, options),
            Way.WebSocketOverHttp2 => Receivers.OpenAsync(
                TransportKind.WebSocket, node.Http2Address!, mailbox, options with { HttpVersion = new Version(2, 0) }),
            Way.Ndjson => Receivers.OpenAsync(TransportKind.Ndjson, node.BaseAddress, mailbox, options),
            _ => Receivers.OpenAsync(TransportKind.LongPoll, node.BaseAddress, mailbox, options),
        };
    }
}
