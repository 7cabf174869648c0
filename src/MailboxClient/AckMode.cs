namespace Mailbox.Client;

/// <summary>Who says that a message was received.</summary>
public enum AckMode
{
    /// <summary>
    /// Asking for the next message acknowledges the one before. A loop that is left by <c>break</c> or an exception leaves its
    /// last message unacknowledged, and it comes again.
    /// </summary>
    Automatic,

    /// <summary>Only <see cref="MailboxMessage.AckAsync"/> does, for each message, in any order and from any thread.</summary>
    Manual,
}
