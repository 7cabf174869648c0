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
        var delivery = Headers(http) with { Body = await RequestReader.BodyOfAsync(http, options.MaxMessageBytes) };
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

    private static Delivery Headers(HttpContext http)
    {
        var type = RequestReader.HeaderOf(http, MailboxHeaders.Type);
        var topic = RequestReader.HeaderOf(http, MailboxHeaders.Topic);
        var ttl = RequestReader.HeaderOf(http, MailboxHeaders.TimeToLive);
        var key = RequestReader.HeaderOf(http, MailboxHeaders.IdempotencyKey);
        if (key is ['"', .., '"'])
        {
            key = key[1..^1]; // a structured-field string, as the header's draft writes it
        }

        return DeliveryRules.Check(new Delivery
        {
            Body = default,
            ContentType = RequestReader.HeaderOf(http, "Content-Type"),
            Type = type,
            Topic = topic,
            TimeToLive = ttl is null ? null : DeliveryRules.ParseTimeToLive(ttl),
            IdempotencyKey = key,
            Trace = CountedDeliveries.TraceOf(http),
        });
    }
}
