namespace Mailbox.Client;

/// <summary>
/// Another receiver has the mailbox, or an operator closed this one. It is never retried: two replicas of one consumer would
/// take the mailbox from each other for ever. What was not acknowledged, the other one receives.
/// </summary>
public sealed class MailboxReplacedException : MailboxException
{
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="innerException">The refusal, if it came as one.</param>
    public MailboxReplacedException(string mailbox, Exception? innerException = null)
        : base(409, Contracts.ProblemTypes.NotReceiver, "Another receiver has the mailbox.", innerException) => base.Mailbox = Mailbox = mailbox;

    /// <summary>The mailbox; of several, the last that another receiver took over. Not in the message: it may be a person's name.</summary>
    public new string Mailbox { get; }
}
