namespace Mailbox.Contracts;

/// <summary>Asks for a ticket to a mailbox.</summary>
/// <param name="Mailbox">The mailbox, which the caller may open.</param>
/// <param name="Mode"><c>receiver</c> (default) or <c>shared</c>.</param>
/// <param name="Lifetime">Seconds until the stream that it admits ends. Default an hour; never beyond the caller's own token.</param>
public sealed record TicketRequest(string Mailbox, string? Mode = null, int? Lifetime = null);

/// <summary>A ticket: it admits one receiver.</summary>
/// <param name="Ticket">The ticket itself: for <c>?ticket=</c>.</param>
/// <param name="Id">Names the ticket without admitting anybody: to revoke it.</param>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="Location">The path to open, with the ticket.</param>
/// <param name="OpenBefore">When the first open must have come.</param>
/// <param name="Expires">When the stream that it admits ends.</param>
public sealed record TicketAnswer(
    string Ticket, string Id, string Mailbox, string Location, DateTimeOffset OpenBefore, DateTimeOffset Expires);

/// <summary>Revokes a token, a ticket, or all that a caller was given until now.</summary>
/// <param name="Token">A token's id (its <c>jti</c>), or a ticket's.</param>
/// <param name="Caller">A caller: a token's <c>sub</c>, or a key's name.</param>
/// <param name="Remember">Seconds to remember it for: as long as such a token may live. Default a day, at most 30 days.</param>
public sealed record RevocationRequest(string? Token = null, string? Caller = null, int? Remember = null);
