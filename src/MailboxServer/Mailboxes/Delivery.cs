namespace Mailbox.Mailboxes;

/// <summary>A message to be delivered, its parts already checked.</summary>
internal sealed record Delivery
{
    public required ReadOnlyMemory<byte> Body { get; init; }

    public string? ContentType { get; init; }

    public string? Type { get; init; }

    public string? Topic { get; init; }

    /// <summary>Seconds; absent for as long as the mailbox.</summary>
    public long? TimeToLive { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>The trace that it belongs to, when that is sampled.</summary>
    public MessageTrace? Trace { get; init; }
}

internal enum DeliveryOutcome
{
    Stored,

    /// <summary>The idempotency key came before, with this body.</summary>
    Replayed,

    /// <summary>TTL 0 and no receiver is present: not stored.</summary>
    Absent,

    /// <summary>The mailbox is full: not stored.</summary>
    Full,

    /// <summary>The idempotency key came before with another body: not stored.</summary>
    Conflict,
}

/// <summary>What became of a delivery. <see cref="Id"/> and <see cref="Expires"/> hold when it is stored.</summary>
internal readonly record struct Delivered(
    DeliveryOutcome Outcome, MessageId Id, bool Connected, DateTimeOffset Expires, long? TimeToLive);
