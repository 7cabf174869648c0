using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>POST /v1/tickets</c>: who may open a mailbox gets a ticket to it, for a client that can send no header. The ticket
/// admits one receiver: its first open has to come soon, and later ones bring a cursor that this receiver was given.
/// </summary>
internal sealed class TicketEndpoint(ITickets tickets, AccessOptions options)
{
    private const int MaxBytes = 1_024;
    private static readonly TimeSpan DefaultLife = TimeSpan.FromHours(1);

    public async Task HandleAsync(HttpContext http)
    {
        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        var request = RequestReader.JsonOf(body, MailboxJsonContext.Default.TicketRequest);
        var mailbox = request.Mailbox ?? "";
        RequestReader.Demand(http, mailbox, Scope.Open);
        var isShared = request.Mode switch
        {
            null or "receiver" => false,
            "shared" => true,
            _ => throw new ProblemException(Problem.InvalidBody("'mode' is receiver or shared.")),
        };
        var most = (long)options.MaxTicketLife.TotalSeconds;
        if (request.Lifetime is { } asked && (asked < 1 || asked > most))
        {
            throw new ProblemException(Problem.InvalidBody($"'lifetime' is 1 to {most} seconds."));
        }

        var caller = Caller.Of(http);
        var ends = DateTimeOffset.UtcNow + (request.Lifetime is { } life ? TimeSpan.FromSeconds(life)
            : DefaultLife < options.MaxTicketLife ? DefaultLife : options.MaxTicketLife);
        ends = ends < caller.Grant.Until ? ends : caller.Grant.Until;
        var text = Ticket.NewText();
        var ticket = new Ticket(Ticket.HashOf(text), mailbox, isShared, caller.Grant with { Until = ends });
        await tickets.IssueAsync(ticket, options.TicketWait, http.RequestAborted);
        var answer = new TicketAnswer(
            text, ticket.Hash, mailbox, $"{MailboxRoutes.ForMailbox(mailbox)}?{Credentials.TicketParameter}={text}",
            DateTimeOffset.UtcNow + options.TicketWait, ends);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await http.Response.WriteAsJsonAsync(answer, MailboxJsonContext.Default.TicketAnswer, cancellationToken: http.RequestAborted);
    }
}
