namespace Mailbox.Client;

/// <summary>
/// What a mailbox says to its receiver: a <see cref="MailboxMessage"/>, a <see cref="MailboxGap"/> or a <see cref="MailboxReset"/>; to a
/// receiver of several also <see cref="MailboxLeft"/>.
/// </summary>
public abstract class MailboxEvent
{
    private protected MailboxEvent(string mailbox) => Mailbox = mailbox;

    /// <summary>The mailbox.</summary>
    public string Mailbox { get; }
}
