namespace Mailbox.Client;

/// <summary>How messages come. All three give the same messages in the same order, with the same acknowledgements.</summary>
public enum MailboxTransport
{
    /// <summary>Server-sent events: one lasting HTTP answer. The default; it passes most proxies.</summary>
    ServerSentEvents,

    /// <summary>WebSocket: acknowledgements share the connection.</summary>
    WebSocket,

    /// <summary>
    /// One request after the other, for where nothing lasting passes. At most the window, or about 256 KiB, is in flight; while
    /// messages are in flight unacknowledged, newer ones are looked for twice a second.
    /// </summary>
    LongPoll,
}
