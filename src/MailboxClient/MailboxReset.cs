namespace Mailbox.Client;

/// <summary>A new generation of ids and cursors begins: the store lost or replaced messages, or may have.</summary>
public sealed class MailboxReset : MailboxEvent
{
    internal MailboxReset(string mailbox, string reason)
        : base(mailbox) => Reason = reason;

    /// <summary>
    /// One of <see cref="Contracts.ResetReasons"/>. After <c>lost</c> everything that is kept follows, also what came before,
    /// under new ids. After <c>failover</c> messages that were accepted may be missing.
    /// </summary>
    public string Reason { get; }

    /// <inheritdoc/>
    public override string ToString() => $"reset ({Reason})";
}
