namespace Mailbox.Client;

/// <summary>How a <see cref="MailboxReceiver"/> or a <see cref="MailboxListReceiver"/> stands.</summary>
public enum ReceiverState
{
    /// <summary>Nobody asks it for messages, or it has ended for good.</summary>
    Closed,

    /// <summary>It opens the mailbox for the first time.</summary>
    Connecting,

    /// <summary>The mailbox is open.</summary>
    Connected,

    /// <summary>The connection is over, and it comes back as the same receiver.</summary>
    Reconnecting,
}
