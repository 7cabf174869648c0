namespace Mailbox.Client;

/// <summary>A mailbox has left the list of a <see cref="MailboxListReceiver"/>. What of it was not acknowledged, the other receiver gets.</summary>
public sealed class MailboxLeft : MailboxEvent
{
    internal MailboxLeft(string mailbox, string reason)
        : base(mailbox) => Reason = reason;

    /// <summary>Why: <see cref="Contracts.ControlEvents.Replaced"/>, another receiver has it, or an operator closed this one.</summary>
    public string Reason { get; }

    /// <inheritdoc/>
    public override string ToString() => $"left ({Reason})";
}
