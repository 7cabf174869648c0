using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>How a receiver says what it has received (G6).</summary>
internal enum AckMode
{
    /// <summary>It does not: what was flushed stays for a resume, then goes.</summary>
    None,

    /// <summary>Only an acknowledgement, or coming back with a cursor, removes messages.</summary>
    Client,
}

internal enum StartAt
{
    /// <summary>From the oldest message that is kept.</summary>
    Oldest,

    /// <summary>Only what comes from now on.</summary>
    Now,

    /// <summary>After a cursor.</summary>
    Cursor,
}

/// <summary>The right to be the receiver: an epoch that every open raises, and who raised it.</summary>
internal readonly record struct Fence(long Epoch, Identifier Owner);

internal sealed record OpenRequest
{
    /// <summary>A shared watcher never acks, trims, moves <c>sent</c> or raises the epoch.</summary>
    public required bool IsShared { get; init; }

    /// <summary>The same session again, after the store lost its epoch: never refused, and nothing is acknowledged.</summary>
    public bool IsReopen { get; init; }

    public required Identifier Receiver { get; init; }

    /// <summary>The new owner token, and the epoch that the session knows of.</summary>
    public required Fence Fence { get; init; }

    public required AckMode Ack { get; init; }

    /// <summary>The most messages in flight; 0 without acknowledgement.</summary>
    public int Window { get; init; }

    public required StartAt Start { get; init; }

    /// <summary>For <see cref="StartAt.Cursor"/>.</summary>
    public Position Position { get; init; }

    /// <summary>How the receiver is connected, for operators.</summary>
    public string Transport { get; init; } = "";
}

/// <summary>
/// A message that its wake carried: for the session of this fence that stands at the place right before it, there is
/// nothing to take. The store counts it as sent.
/// </summary>
internal sealed record Carried(Fence Fence, Position Before, Message Message);

/// <summary>Messages that left between a receiver's place and what is kept.</summary>
internal readonly record struct Gap(long From, long To, string Reason);

/// <summary>What an open found. <see cref="Reset"/> is one of <see cref="ResetReasons"/>, or null.</summary>
internal readonly record struct Opened(bool IsRefused, long Epoch, Position Position, string? Reset, Gap? Gap)
{
    /// <summary>The place begins anew, below or above what it was.</summary>
    public bool IsLost => Reset == ResetReasons.Lost;
}

internal readonly record struct TakeRequest(
    bool IsShared,
    Fence Fence,
    Position Position,
    AckMode Ack,
    int Window,
    long Began,
    int MaxMessages);

internal enum TakeOutcome
{
    Taken,

    /// <summary>The store lost the session's epoch: open again.</summary>
    Reopen,

    /// <summary>Another epoch is the current one.</summary>
    Replaced,
}

/// <summary>
/// What a take found. <see cref="Position"/> is where <see cref="Entries"/> begin. <see cref="TakeAgain"/> when there is
/// more, or when the mailbox is getting full and should learn soon that these were flushed.
/// <see cref="Reset"/> is one of <see cref="ResetReasons"/>, or null.
/// </summary>
internal readonly record struct Taken(
    TakeOutcome Outcome,
    Identifier PresentReceiver,
    Position Position,
    string? Reset,
    Gap? Gap,
    bool TakeAgain,
    IReadOnlyList<Entry> Entries)
{
    /// <summary>The place begins anew, below or above what it was.</summary>
    public bool IsLost => Reset == ResetReasons.Lost;
}

internal enum EntryKind
{
    Message,

    /// <summary>Taken back, replaced by its topic, or expired: passed over quietly.</summary>
    Removed,

    /// <summary>Not a message at all: announced as a gap.</summary>
    Malformed,
}

/// <summary>One place in the list.</summary>
/// <param name="Kind">What stands there.</param>
/// <param name="Position">The place of a receiver that has passed it.</param>
/// <param name="Message">For <see cref="EntryKind.Message"/>.</param>
/// <param name="IsStored">Malformed bytes are still in the list, not yet only their tombstone.</param>
internal readonly record struct Entry(EntryKind Kind, Position Position, Message? Message, bool IsStored = false);

internal enum AckOutcome
{
    Acked,
    NotReceiver,
    BeyondSent,
    Stale,
}

internal readonly record struct LeaveRequest(Fence Fence, Position Position, bool IsFlushed, bool KeepsLease);

/// <summary>Up to so many entries behind a sequence; <c>Named</c> is the sequence that the generation must still name.</summary>
internal readonly record struct PeekRequest(Identifier Generation, long After, int Limit, long Named)
{
    /// <summary>What comes behind the message, of whichever generation: its own may have ended with it.</summary>
    public static PeekRequest Behind(MessageId id, int limit) => new(id.Generation, id.Sequence, limit, id.Sequence);

    /// <summary>The message itself: what took its number after a loss is another.</summary>
    public static PeekRequest Of(MessageId id) => new(id.Generation, id.Sequence - 1, 1, id.Sequence);
}

internal enum PeekOutcome
{
    Peeked,
    NoMailbox,

    /// <summary>The generation that was asked for is over.</summary>
    Stale,
}

internal readonly record struct Peeked(PeekOutcome Outcome, IReadOnlyList<Entry> Entries, bool HasMore);
