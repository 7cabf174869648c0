using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>
/// Where mailboxes are kept. Every call throws <see cref="StoreException"/> when the store cannot answer; then what the
/// call would have changed is unknown for <see cref="StoreFault.Unavailable"/> and unchanged for the others.
/// </summary>
internal interface IMailboxStore
{
    ValueTask<Delivered> DeliverAsync(string mailbox, Delivery delivery, CancellationToken cancellation);

    ValueTask<Opened> OpenAsync(string mailbox, OpenRequest request, CancellationToken cancellation);

    ValueTask<Taken> TakeAsync(string mailbox, TakeRequest request, CancellationToken cancellation);

    ValueTask<AckOutcome> AckAsync(string mailbox, Cursor cursor, CancellationToken cancellation);

    /// <summary>Gives up the session's lease, and notes what it flushed last. Nothing happens for a superseded one.</summary>
    ValueTask LeaveAsync(string mailbox, LeaveRequest request, CancellationToken cancellation);

    ValueTask<Peeked> PeekAsync(string mailbox, PeekRequest request, CancellationToken cancellation);

    /// <summary>Takes one message back. False when it is not there.</summary>
    ValueTask<bool> TakeBackAsync(string mailbox, MessageId id, CancellationToken cancellation);

    /// <summary>Creates the mailbox with limits of its own, or changes them. True when it was created.</summary>
    ValueTask<bool> ConfigureAsync(string mailbox, MailboxSettings settings, CancellationToken cancellation);

    /// <summary>The mailbox's state, or null when there is no such mailbox.</summary>
    ValueTask<MailboxInfo?> GetInfoAsync(string mailbox, CancellationToken cancellation);

    /// <summary>Closes the receiver. False when none was present.</summary>
    ValueTask<bool> DismissAsync(string mailbox, CancellationToken cancellation);

    /// <summary>Removes the mailbox with all it holds. False when there was none.</summary>
    ValueTask<bool> RemoveAsync(string mailbox, CancellationToken cancellation);

    /// <summary>A page of names, in no order; a name may come twice.</summary>
    /// <exception cref="FormatException">The cursor is not one that this call gave.</exception>
    ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation);
}
