using System.Text.Json.Serialization;

namespace Mailbox.Faults.Histories;

/// <summary>
/// One line of a run's history. All actors live in one process, so one counter orders everything: an answer stands in the
/// history after it came, and an attempt before it was made. If A's end stands before B's beginning, A ended before B began.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(DeliverBegan), "deliver")]
[JsonDerivedType(typeof(DeliverEnded), "delivered")]
[JsonDerivedType(typeof(TakeBackBegan), "takeBack")]
[JsonDerivedType(typeof(OpenBegan), "open")]
[JsonDerivedType(typeof(Opened), "opened")]
[JsonDerivedType(typeof(Received), "received")]
[JsonDerivedType(typeof(GapTold), "gap")]
[JsonDerivedType(typeof(ResetTold), "reset")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(AckBegan), "ack")]
[JsonDerivedType(typeof(AckEnded), "acked")]
[JsonDerivedType(typeof(FaultBegan), "fault")]
[JsonDerivedType(typeof(FaultEnded), "healed")]
[JsonDerivedType(typeof(Quiet), "quiet")]
[JsonDerivedType(typeof(Kept), "kept")]
[JsonDerivedType(typeof(Residue), "residue")]
public abstract record HistoryEvent
{
    /// <summary>The place in the history, from 0, without holes. Set by the history.</summary>
    public long Index { get; init; }

    /// <summary>Milliseconds since the run began, monotonic. Set by the history.</summary>
    public double At { get; init; }
}

/// <summary>A producer is about to deliver. The payload is unique in the run: the producer's name and its counter.</summary>
/// <param name="Op">Unique in the run; a delivery to many has one for each recipient.</param>
/// <param name="IsKeyed">Sent with an idempotency key, and again with it until the answer is known.</param>
/// <param name="Topic">An unsent older message of that topic is replaced.</param>
/// <param name="TimeToLive">Milliseconds that the message lives, or null for the mailbox's own life.</param>
public sealed record DeliverBegan(
    long Op, string Producer, string Mailbox, string Payload, string Door, bool IsKeyed, string? Topic = null, long? TimeToLive = null)
    : HistoryEvent;

/// <summary>What became of a delivery.</summary>
/// <param name="Id">What the answer named it; null for a bare delivery.</param>
public sealed record DeliverEnded(long Op, DeliverOutcome Outcome, Position? Id = null, string? Detail = null) : HistoryEvent;

/// <summary>A message is about to be taken back: from here on its number may never arrive.</summary>
public sealed record TakeBackBegan(string Mailbox, Position Id) : HistoryEvent;

/// <summary>A client is about to connect.</summary>
/// <param name="Connection">Unique in the run; for long-polls one name for all the polls between two failures.</param>
/// <param name="Client">Who it is for the mailbox: two clients of one mailbox fight for it.</param>
/// <param name="Acks">Opened with <c>ack=client</c>.</param>
/// <param name="Resumes">The place that its cursor names, as far as the client knows it; null without a cursor.</param>
/// <param name="IsShared">A watcher: no receiver.</param>
public sealed record OpenBegan(
    string Connection, string Client, string Mailbox, string Transport, bool Acks, Position? Resumes, bool HasCursor, bool IsShared = false)
    : HistoryEvent;

/// <summary>The stream's first event came.</summary>
public sealed record Opened(string Connection) : HistoryEvent;

public sealed record Received(string Connection, string Mailbox, Position Id, string Payload) : HistoryEvent;

/// <summary>The stream announced that these numbers will not come.</summary>
public sealed record GapTold(string Connection, long From, long To, string Reason) : HistoryEvent;

/// <summary>The stream announced that what it numbered before holds no more.</summary>
public sealed record ResetTold(string Connection, string Reason) : HistoryEvent;

/// <summary>The connection is over, or was refused: <c>replaced</c>, <c>draining</c>, <c>refused 409</c>, <c>broken</c>, <c>left</c> …</summary>
public sealed record Ended(string Connection, string Reason) : HistoryEvent;

/// <summary>A client is about to acknowledge everything up to this message.</summary>
public sealed record AckBegan(long Op, string Connection, string Client, string Mailbox, Position Id) : HistoryEvent;

public sealed record AckEnded(long Op, AckEnd Outcome) : HistoryEvent;

/// <summary>The nemesis begins a fault.</summary>
/// <param name="Permits">What may be lost while it lasts, and must then be announced.</param>
/// <param name="TailMilliseconds">With <see cref="LossWindow.RedisTail"/>: how long before the fault an accepted message may be lost.</param>
public sealed record FaultBegan(string Fault, LossWindow Permits, double TailMilliseconds = 0) : HistoryEvent;

/// <summary>The nemesis has undone it; from here on the clock runs for catching up.</summary>
public sealed record FaultEnded(string Fault) : HistoryEvent;

/// <summary>Producers have stopped, and no receiver has been given anything for a while, or the deadline is over.</summary>
public sealed record Quiet : HistoryEvent;

/// <summary>What Redis holds of a mailbox at the end.</summary>
/// <param name="Payloads">From <paramref name="First"/> on; null where something was removed.</param>
/// <param name="HasReceiver">A client was connected to the end, and should have got all of it.</param>
public sealed record Kept(string Mailbox, string Generation, long First, IReadOnlyList<string?> Payloads, bool HasReceiver) : HistoryEvent;

/// <summary>Something left over that should not be: an orphan subscription, a key without an end, memory that grew.</summary>
public sealed record Residue(string Kind, string Detail) : HistoryEvent;

/// <summary>A message's name: generation (16 hex digits) and sequence.</summary>
public sealed record Position(string Generation, long Sequence)
{
    public override string ToString() => $"{Generation}-{Sequence}";

    /// <exception cref="FormatException">Not <c>generation-sequence</c>.</exception>
    public static Position Parse(string id)
    {
        var dash = id.LastIndexOf('-');
        return dash == 16 && long.TryParse(id.AsSpan(dash + 1), out var sequence)
            ? new Position(id[..dash], sequence)
            : throw new FormatException($"Not a message id: {id}");
    }
}

public enum DeliverOutcome
{
    /// <summary>A 2xx, or the Redis reply that says so: stored.</summary>
    Accepted,

    /// <summary>Definitely not stored: 4xx, 507, an error reply.</summary>
    Refused,

    /// <summary>No answer, or 503: it may be stored.</summary>
    Unknown,
}

public enum AckEnd
{
    Acked,
    Refused,

    /// <summary>No answer, or none that a WebSocket frame gets.</summary>
    Unknown,
}

/// <summary>What a fault may cost. What it costs must be announced.</summary>
public enum LossWindow
{
    /// <summary>Nothing that was accepted.</summary>
    None,

    /// <summary>What the resume window outran, for receivers that do not acknowledge.</summary>
    ResumeWindow,

    /// <summary>What a mailbox's limit dropped.</summary>
    Limit,

    /// <summary>What Redis accepted shortly before it failed, and did not keep.</summary>
    RedisTail,

    /// <summary>Everything that Redis held.</summary>
    RedisAll,
}
