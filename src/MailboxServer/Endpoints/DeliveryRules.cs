using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Refuses what a delivery may not carry, before anything is stored.</summary>
internal static class DeliveryRules
{
    /// <summary>Above this a TTL is not a number of seconds that anybody means; the mailbox's own life caps it far below.</summary>
    private const long MaxTimeToLive = 9_999_999_999;

    private const string TimeToLiveExpected = "Whole seconds, 0 or more (RFC 8030 section 5.2).";

    /// <summary>Checks what came in headers.</summary>
    public static Delivery Check(Delivery delivery) =>
        FaultOf(delivery) is { } fault ? throw new ProblemException(Problem.InvalidHeader(fault.Header, fault.Expected)) : delivery;

    /// <summary>Checks what came as members of a JSON object.</summary>
    public static Delivery CheckMembers(Delivery delivery) =>
        FaultOf(delivery) is { } fault ? throw new ProblemException(Problem.InvalidBody($"'{fault.Member}': {fault.Expected}")) : delivery;

    public static long ParseTimeToLive(string text) =>
        RequestReader.TryParseWholeNumber(text, out var seconds)
            ? seconds
            : throw new ProblemException(Problem.InvalidHeader(MailboxHeaders.TimeToLive, TimeToLiveExpected));

    private static (string Header, string Member, string Expected)? FaultOf(Delivery delivery)
    {
        if (delivery.Type is { } type && !MessageRules.IsType(type))
        {
            return (MailboxHeaders.Type, "type", "1 to 128 characters of A-Z a-z 0-9 . _ ~ -; not open, error, message or mailbox.*.");
        }

        if (delivery.Topic is { } topic && !MessageRules.IsTopic(topic))
        {
            return (MailboxHeaders.Topic, "topic", "1 to 32 characters of A-Z a-z 0-9 _ - (RFC 8030 section 5.4).");
        }

        if (delivery.ContentType is { } contentType && !MessageRules.IsContentType(contentType))
        {
            return ("Content-Type", "contentType", "1 to 256 printable ASCII characters.");
        }

        if (delivery.IdempotencyKey is { } key && !MessageRules.IsIdempotencyKey(key))
        {
            return (MailboxHeaders.IdempotencyKey, "idempotencyKey", "1 to 128 visible ASCII characters, bare or in double quotes.");
        }

        return delivery.TimeToLive is < 0 or > MaxTimeToLive ? (MailboxHeaders.TimeToLive, "ttl", TimeToLiveExpected) : null;
    }
}
