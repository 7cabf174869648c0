using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Opens one mailbox for who may: with a ticket at its first open, the ticket becomes the receiver's.</summary>
internal sealed class SessionOpener(IMailboxStore store, IWakeSource wakes, SessionRegistry sessions, ITickets tickets, MailboxOptions options)
{
    /// <summary>Null when another receiver is present and the cursor's was superseded.</summary>
    /// <exception cref="ProblemException">The ticket is another receiver's by now.</exception>
    /// <exception cref="StoreException">The store or its wake path does not answer.</exception>
    public ValueTask<Session?> OpenAsync(Ticket? ticket, string mailbox, OpenOptions asked, CancellationToken cancellation) =>
        ticket is { Receiver.IsNone: true }
            ? OpenFirstAsync(ticket, asked.Settled(), cancellation)
            : Session.OpenAsync(mailbox, asked, store, wakes, sessions, cancellation);

    /// <summary>
    /// From here on the ticket is this receiver's. When the open fails it is nobody's again: the client was given no cursor to
    /// come back with.
    /// </summary>
    private async ValueTask<Session?> OpenFirstAsync(Ticket ticket, OpenOptions asked, CancellationToken cancellation)
    {
        if (!await tickets.BindAsync(ticket, asked.Receiver, cancellation))
        {
            throw new ProblemException(Problem.Unauthorized);
        }

        try
        {
            return await Session.OpenAsync(ticket.Mailbox, asked, store, wakes, sessions, cancellation);
        }
        catch
        {
            await tickets.ReleaseAsync(ticket, asked.Receiver, options.Access.TicketWait);
            throw;
        }
    }
}
