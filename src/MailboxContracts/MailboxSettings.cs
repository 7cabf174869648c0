namespace Mailbox.Contracts;

/// <summary>A mailbox's own limits, for <c>PUT /v1/mailboxes/{mailbox}</c>; what is absent is the server's default.</summary>
public sealed record MailboxSettings
{
    /// <summary>Seconds that the mailbox lives without a receiver.</summary>
    public long? TimeToLive { get; init; }

    /// <summary>The most messages that wait.</summary>
    public int? MaxMessages { get; init; }

    /// <summary>The most bytes that wait.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>What happens at the limit: <c>reject</c> (507) or <c>dropOldest</c> (announced by a gap).</summary>
    public string? Overflow { get; init; }
}
