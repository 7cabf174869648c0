namespace Mailbox.Mailboxes;

/// <summary>Keeps tickets where every node finds them.</summary>
internal interface ITickets
{
    /// <summary>From now on the ticket admits, if its first open comes within <paramref name="wait"/>.</summary>
    /// <exception cref="StoreException">No answer in time, or the store is full.</exception>
    ValueTask IssueAsync(Ticket ticket, TimeSpan wait, CancellationToken cancellation);

    /// <summary>Null when there is none, or none any more.</summary>
    /// <exception cref="StoreException">No answer in time.</exception>
    ValueTask<Ticket?> FindAsync(string mailbox, string hash, CancellationToken cancellation);

    /// <summary>From now on it is this receiver's. False when it is another's, or over.</summary>
    /// <exception cref="StoreException">No answer in time.</exception>
    ValueTask<bool> BindAsync(Ticket ticket, Identifier receiver, CancellationToken cancellation);

    /// <summary>It is nobody's again, and waits as at first. Does nothing while the store does not answer.</summary>
    Task ReleaseAsync(Ticket ticket, Identifier receiver, TimeSpan wait);
}
