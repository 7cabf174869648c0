using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary><c>POST /v1/mailboxes/{mailbox}/ack</c>: everything up to the cursor is received. Repeating it is harmless.</summary>
internal sealed class AckEndpoint(IMailboxStore store)
{
    private const int MaxBytes = 4_096;

    public async Task HandleAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Open);
        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        var request = RequestReader.JsonOf(body, MailboxJsonContext.Default.AckRequest);
        var cursor = OpenQuery.ParseCursor(request.Cursor ?? "");
        if (Caller.Of(http).Ticket is { } ticket && ticket.Receiver != cursor.Receiver)
        {
            throw new ProblemException(Problem.Unauthorized); // the ticket is another receiver's, or nobody's yet
        }

        switch (await store.AckAsync(mailbox, cursor, http.RequestAborted))
        {
            case AckOutcome.Acked:
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case AckOutcome.NotReceiver:
                await Problem.Replaced.WriteAsync(http);
                break;
            case AckOutcome.BeyondSent:
                await Problem.BeyondSent.WriteAsync(http);
                break;
            default:
                await Problem.StaleCursor.WriteAsync(http);
                break;
        }
    }
}
