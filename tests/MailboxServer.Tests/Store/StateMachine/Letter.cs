namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>One message as its sender knows it.</summary>
internal sealed record Letter(string Payload, string? Topic = null, long Expires = long.MaxValue, bool IsMalformed = false, bool IsOversize = false);

/// <summary>Why a number is no longer there.</summary>
internal enum Fate
{
    /// <summary>Expired, taken back, replaced by its topic, or appended again at another number.</summary>
    Quiet,
    Acknowledged,
    Windowed,
    Dropped,
    Malformed,
}

/// <summary>Who may take: the last one whose open was answered, as far as Redis still knows.</summary>
internal sealed record Grant(long Epoch, Mailbox.Mailboxes.Identifier Owner, Mailbox.Mailboxes.Identifier Receiver, bool IsPresent)
{
    public static Grant None { get; } = new(0, default, default, false);
}

/// <summary>A remembered idempotency key.</summary>
internal sealed record Remembered(string Body, Mailbox.Mailboxes.MessageId Id);
