using System.Globalization;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary><c>POST /v1/mailboxes/{mailbox}/messages</c>: the body, as it is, becomes a message.</summary>
internal sealed class DeliverEndpoint(IMailboxStore store, CallerRates rates, MailboxOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Deliver);
        rates.TakeDelivery(http);
        var delivery = DeliveryHeaders.Read(http.Request.Headers) with
        {
            Body = await RequestReader.BodyOfAsync(http, options.MaxMessageBytes),
            Trace = CountedDeliveries.TraceOf(http),
        };
        var delivered = await store.DeliverAsync(mailbox, delivery, NodeMetrics.One, http.RequestAborted);
        if (DeliveryAnswers.ProblemOf(delivered) is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }

        var response = http.Response;
        response.StatusCode = DeliveryAnswers.StatusOf(delivered);
        if (delivered.TimeToLive is { } ttl)
        {
            // RFC 8030 section 5.2: the time that was given, which may be less than was asked for.
            response.Headers[MailboxHeaders.TimeToLive] = ttl.ToString(CultureInfo.InvariantCulture);
        }

        if (delivered.Outcome == DeliveryOutcome.Replayed)
        {
            response.Headers[MailboxHeaders.IdempotentReplayed] = "true";
        }

        var result = DeliveryAnswers.ResultOf(mailbox, delivered);
        if (result.Id is not null)
        {
            response.Headers.Location = MailboxRoutes.ForMessage(mailbox, result.Id);
        }

        await response.WriteAsJsonAsync(result, MailboxJsonContext.Default.DeliveryResult, cancellationToken: http.RequestAborted);
    }
}
