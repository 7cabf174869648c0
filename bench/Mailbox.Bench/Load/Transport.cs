namespace Mailbox.Bench.Load;

/// <summary>How a receiver reads.</summary>
internal enum Transport
{
    Sse,
    Ndjson,
    WebSocket,
    LongPoll,
}
