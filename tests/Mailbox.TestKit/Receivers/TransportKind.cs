namespace Mailbox.TestKit;

/// <summary>The ways to open a mailbox.</summary>
public enum TransportKind
{
    Sse,
    WebSocket,
    Ndjson,
    LongPoll,
}
