using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>What a delivery's outcome is on the wire, for one mailbox and for each of many.</summary>
internal static class DeliveryAnswers
{
    public static Problem? ProblemOf(Delivered delivered) => delivered.Outcome switch
    {
        DeliveryOutcome.Full => Problem.MailboxFull,
        DeliveryOutcome.Conflict => Problem.IdempotencyConflict,
        _ => null,
    };

    /// <summary>201 when a receiver is present, 202 when the message waits or, with a TTL of 0, was not stored.</summary>
    public static int StatusOf(Delivered delivered) =>
        delivered.Connected && delivered.Outcome != DeliveryOutcome.Absent ? StatusCodes.Status201Created : StatusCodes.Status202Accepted;

    public static DeliveryResult ResultOf(string mailbox, Delivered delivered)
    {
        var isStored = delivered.Outcome != DeliveryOutcome.Absent;
        return new DeliveryResult(
            mailbox, isStored ? delivered.Id.ToString() : null, isStored, delivered.Connected, isStored ? delivered.Expires : null);
    }

    public static DeliverManyResult OneOfManyOf(string mailbox, Delivered delivered)
    {
        if (ProblemOf(delivered) is { } problem)
        {
            return RefusedOf(mailbox, problem);
        }

        var result = ResultOf(mailbox, delivered);
        return new DeliverManyResult
        {
            Mailbox = mailbox,
            Status = StatusOf(delivered),
            Id = result.Id,
            Queued = result.Queued,
            Connected = result.Connected,
            Expires = result.Expires,
            Replayed = delivered.Outcome == DeliveryOutcome.Replayed ? true : null,
        };
    }

    public static DeliverManyResult RefusedOf(string mailbox, Problem problem) =>
        new() { Mailbox = mailbox, Status = problem.Status, Type = problem.Type, Detail = problem.Detail ?? problem.Title };
}
