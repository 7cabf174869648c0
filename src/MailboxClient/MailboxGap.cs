namespace Mailbox.Client;

/// <summary>Messages that will not arrive.</summary>
public sealed class MailboxGap : MailboxEvent
{
    internal MailboxGap(string mailbox, long from, long to, string reason)
        : base(mailbox) => (From, To, Reason) = (from, to, reason);

    /// <summary>The sequence number of the first that will not arrive.</summary>
    public long From { get; }

    /// <summary>The sequence number of the last that will not arrive.</summary>
    public long To { get; }

    /// <summary>One of <see cref="Contracts.GapReasons"/>.</summary>
    public string Reason { get; }

    /// <inheritdoc/>
    public override string ToString() => $"gap {From}-{To} ({Reason})";
}
