using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;

namespace Mailbox.Proxy;

/// <summary>Delivers an answer, or a message of one, to the mailboxes and the groups that it names.</summary>
internal sealed class AnswerDeliveries(ManyMailboxes mailboxes, IGroupStore groups, GroupFanOut fanOut)
{
    /// <summary>A result for each mailbox, then one for each group: that its outbox has it, and by which id one may ask for more.</summary>
    public async Task<DeliverManyResult[]> DeliverAsync(Deliverer by, ForMailboxes said, Delivery message)
    {
        var results = await mailboxes.DeliverAsync(by, [.. said.Mailboxes.Select(name => (name, message))], CancellationToken.None);
        return said.Groups.Count == 0
            ? results
            : [.. results, .. await Task.WhenAll(said.Groups.Select(group => DeliverAsync(group, message)))];
    }

    private async Task<DeliverManyResult> DeliverAsync(string group, Delivery message)
    {
        var name = Rights.Group + group;
        try
        {
            var accepted = await groups.DeliverAsync(group, message, keepsResults: false, CancellationToken.None);
            switch (accepted.Outcome)
            {
                case DeliveryOutcome.Full:
                    return DeliveryAnswers.RefusedOf(name, Problem.GroupFull("As many deliveries wait in its outbox as may."));
                case DeliveryOutcome.Conflict:
                    return DeliveryAnswers.RefusedOf(name, Problem.IdempotencyConflict);
                default:
                    fanOut.Wake(group);
                    return new DeliverManyResult
                    {
                        Mailbox = name,
                        Status = StatusCodes.Status202Accepted,
                        Id = accepted.Id,
                        Queued = true,
                        Replayed = accepted.Outcome == DeliveryOutcome.Replayed ? true : null,
                    };
            }
        }
        catch (StoreException exception)
        {
            return DeliveryAnswers.RefusedOf(name, ProblemMiddleware.Of(exception));
        }
    }
}
