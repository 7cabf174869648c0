using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Access;

/// <summary>Finds out who calls.</summary>
internal sealed class Authenticator(AccessOptions options, ITickets tickets, Revocations revocations, ILogger<Tokens> logger)
{
    private readonly Tokens? _tokens = options.Jwt.IsOn ? new Tokens(options.Jwt, logger) : null;
    private readonly ApiKeys _keys = new(options.ApiKeys);

    /// <summary>Null when the proof is missing or does not hold: which of them is nobody's business.</summary>
    /// <param name="http">The request.</param>
    /// <param name="mailboxes">Those of an open or an ack, which take a ticket; null for all others.</param>
    /// <exception cref="AuthorityException">Whether a token holds cannot be told now.</exception>
    /// <exception cref="StoreException">Whether a ticket holds cannot be told now.</exception>
    public async ValueTask<Caller?> AuthenticateAsync(HttpContext http, StringValues? mailboxes)
    {
        if (!options.IsOn)
        {
            return Caller.Everybody;
        }

        var credentials = Credentials.Of(http, options, isReceivers: mailboxes is not null);
        var caller = credentials.Kind switch
        {
            CredentialKind.Ticket => await OfTicketAsync(mailboxes!.Value, credentials.Text, http.RequestAborted),
            CredentialKind.Bearer when credentials.Text.StartsWith(ApiKeys.Prefix, StringComparison.Ordinal) => _keys.Find(credentials.Text),
            CredentialKind.Bearer or CredentialKind.Query => await OfTokenAsync(credentials.Text, isAmbient: false, http.RequestAborted),
            CredentialKind.Cookie => await OfTokenAsync(credentials.Text, isAmbient: true, http.RequestAborted),
            _ => null,
        };
        return caller is null || revocations.Holds(caller.Grant) ? null : caller;
    }

    private async ValueTask<Caller?> OfTokenAsync(string text, bool isAmbient, CancellationToken cancellation) =>
        _tokens is null || await _tokens.ReadAsync(text, cancellation) is not { } caller ? null
        : isAmbient ? new Caller(caller.Grant, caller.Rights) { IsAmbient = true }
        : caller;

    /// <summary>A ticket is for one mailbox: with more, whichever it is for, it admits to none, and is not looked up.</summary>
    private async ValueTask<Caller?> OfTicketAsync(StringValues mailboxes, string text, CancellationToken cancellation) =>
        !text.StartsWith(Ticket.Prefix, StringComparison.Ordinal) ? null
        : mailboxes.Count > 1 ? new Caller(Grant.Everybody, Rights.None)
        : (string?)mailboxes is { } mailbox && MailboxName.IsValid(mailbox) &&
            await tickets.FindAsync(mailbox, Ticket.HashOf(text), cancellation) is { } ticket && ticket.Grant.Until > DateTimeOffset.UtcNow
            ? new Caller(ticket.Grant, Rights.Of(("mailbox.open", mailbox))) { Ticket = ticket }
            : null;
}
