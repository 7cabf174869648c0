namespace Mailbox.Mailboxes;

/// <summary>The intervals that sessions live by; see the settings of the same names.</summary>
internal sealed record SessionClock
{
    /// <summary>Silence after which a stream says that it lives.</summary>
    public required TimeSpan Heartbeat { get; init; }

    /// <summary>Takes again without a wake, jittered by a quarter.</summary>
    public required TimeSpan Sweep { get; init; }

    /// <summary>A flush that takes longer cuts the reader off.</summary>
    public required TimeSpan WriteDeadline { get; init; }

    /// <summary>Takes again after the store failed, jittered by a quarter.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);
}
