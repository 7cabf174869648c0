namespace Mailbox.Client.Receiving;

/// <summary>One event as it came: an envelope, or a control event.</summary>
internal sealed record StreamEvent
{
    /// <summary>The control event's name; null for a message.</summary>
    public string? Control { get; init; }

    /// <summary>Whose it is, on a connection of several mailboxes; null for what is about the connection.</summary>
    public string? Mailbox { get; init; }

    public string? Id { get; init; }

    public string? Cursor { get; init; }

    public string? Type { get; init; }

    public DateTimeOffset? Time { get; init; }

    public string? ContentType { get; init; }

    public string? TraceParent { get; init; }

    public string? TraceState { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public long From { get; init; }

    public long To { get; init; }

    public string? Reason { get; init; }

    /// <summary>Of <c>unavailable</c>.</summary>
    public int Status { get; init; }
}
