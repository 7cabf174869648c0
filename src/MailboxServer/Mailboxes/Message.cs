namespace Mailbox.Mailboxes;

/// <summary>One message as it was stored.</summary>
internal sealed record Message
{
    public required MessageId Id { get; init; }

    public required Identifier Check { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public string? Type { get; init; }

    public string? ContentType { get; init; }

    /// <summary>When it was delivered, by Redis's clock. A bare delivery has no time.</summary>
    public DateTimeOffset? Time { get; init; }

    public DateTimeOffset? Expires { get; init; }

    /// <summary>The trace that its delivery belongs to.</summary>
    public MessageTrace? Trace { get; init; }

    /// <summary>The place of a receiver that has read this message.</summary>
    public Position Position => new(Id.Generation, Id.Sequence, Check);
}
