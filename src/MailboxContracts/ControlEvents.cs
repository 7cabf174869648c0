namespace Mailbox.Contracts;

/// <summary>
/// What a stream says beside messages. On SSE the event's name is <see cref="Prefix"/> and the name; in JSON
/// envelopes it is the value of <c>control</c>.
/// </summary>
public static class ControlEvents
{
    /// <summary>Begins the name of every control event on SSE; no message type may begin with it.</summary>
    public const string Prefix = "mailbox.";

    /// <summary>The mailbox is open; its cursor makes an idle receiver resume as itself.</summary>
    public const string Open = "open";

    /// <summary>Messages <c>from</c> to <c>to</c> will not arrive, for the stated <c>reason</c>.</summary>
    public const string Gap = "gap";

    /// <summary>A new generation begins, for the stated <c>reason</c>: the store lost or replaced messages, or may have.</summary>
    public const string Reset = "reset";

    /// <summary>Another receiver took over, or an operator closed this one. Do not reconnect.</summary>
    public const string Replaced = "replaced";

    /// <summary>The node goes away. Reconnect after the stated delay.</summary>
    public const string Draining = "draining";

    /// <summary>The open could not be served now. Reconnect after the stated delay.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The caller's right to be here has ended.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>
    /// One mailbox of several has left the connection, for the stated <c>reason</c>: <c>asked</c>, or <c>superseded</c> by a newer
    /// connection of the same receiver. The others go on.
    /// </summary>
    public const string Closed = "closed";

    /// <summary>One mailbox was not opened, or not closed, on a WebSocket of several, for the stated <c>reason</c>. The others go on.</summary>
    public const string Refused = "refused";

    /// <summary>Nothing to tell but that the connection lives (NDJSON; SSE uses a comment, WebSocket a ping).</summary>
    public const string Heartbeat = "heartbeat";

    /// <summary>Not control: the SSE event name of a message whose body is not UTF-8 and so comes as an envelope.</summary>
    public const string Binary = Prefix + "binary";
}
