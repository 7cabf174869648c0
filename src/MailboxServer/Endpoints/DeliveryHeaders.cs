using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>What headers say of a delivery: those of a request, or of a backend's answer.</summary>
internal static class DeliveryHeaders
{
    /// <summary>A delivery that has no body yet.</summary>
    /// <exception cref="ProblemException">400: one of them may not be so.</exception>
    public static Delivery Read(IHeaderDictionary headers)
    {
        var ttl = RequestReader.HeaderOf(headers, MailboxHeaders.TimeToLive);
        var key = RequestReader.HeaderOf(headers, MailboxHeaders.IdempotencyKey);
        if (key is ['"', .., '"'])
        {
            key = key[1..^1]; // a structured-field string, as the header's draft writes it
        }

        return DeliveryRules.Check(new Delivery
        {
            Body = default,
            ContentType = RequestReader.HeaderOf(headers, "Content-Type"),
            Type = RequestReader.HeaderOf(headers, MailboxHeaders.Type),
            Topic = RequestReader.HeaderOf(headers, MailboxHeaders.Topic),
            TimeToLive = ttl is null ? null : DeliveryRules.ParseTimeToLive(ttl),
            IdempotencyKey = key,
        });
    }
}
