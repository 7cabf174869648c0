namespace Mailbox.Mailboxes;

internal enum SessionEventKind
{
    /// <summary>The first event: the mailbox is open.</summary>
    Open,
    Messages,
    Gap,

    /// <summary>Earlier positions are void, or messages behind them may be lost.</summary>
    Reset,

    /// <summary>The stream was silent for a heartbeat.</summary>
    Heartbeat,

    /// <summary>One mailbox of several is no longer on this connection, for a reason that is no takeover.</summary>
    Closed,

    /// <summary>One mailbox was to be opened on a connection of several, and may or can not.</summary>
    Refused,

    /// <summary>Another receiver took over: the client must not come back. Ends the session.</summary>
    Replaced,

    /// <summary>The right to be here has ended. Ends the session.</summary>
    Unauthorized,

    /// <summary>The same receiver has a newer connection: nothing to tell. Ends the session.</summary>
    Superseded,

    /// <summary>The node goes away. Ends the session.</summary>
    Draining,

    /// <summary>A long-poll has waited long enough. Ends the session.</summary>
    Deadline,

    /// <summary>The client is gone. Ends the session.</summary>
    Aborted,
}

/// <summary>One thing for a transport to write.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Cursor">The receiver's place once it has this event.</param>
/// <param name="Messages">For <see cref="SessionEventKind.Messages"/>, in order, at least one.</param>
/// <param name="Gap">For <see cref="SessionEventKind.Gap"/>.</param>
/// <param name="Reason">For <see cref="SessionEventKind.Reset"/>, <see cref="SessionEventKind.Closed"/> and <see cref="SessionEventKind.Refused"/>.</param>
internal readonly record struct SessionEvent(
    SessionEventKind Kind, Cursor Cursor, Message[] Messages, Gap Gap = default, string? Reason = null)
{
    public bool EndsSession => Kind >= SessionEventKind.Replaced && !GoesOn;

    /// <summary>Whose of several mailboxes it is; null on a connection of one.</summary>
    public SessionSeat? Seat { get; init; }

    /// <summary>It ends one mailbox of several, and the others go on.</summary>
    public bool GoesOn { get; init; }

    public static SessionEvent Of(SessionEventKind kind, Cursor cursor) => new(kind, cursor, []);
}
