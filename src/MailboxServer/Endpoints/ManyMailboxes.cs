using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Delivers into many mailboxes at a time; each succeeds or fails by itself.</summary>
internal sealed class ManyMailboxes(IMailboxStore store)
{
    private const int AtOnce = 256;

    /// <summary>One result for each, in the order of the plan.</summary>
    public async Task<DeliverManyResult[]> DeliverAsync(
        Deliverer by, IReadOnlyCollection<(string Mailbox, Delivery Delivery)> plan, CancellationToken cancellation)
    {
        var results = new DeliverManyResult[plan.Count];
        for (var from = 0; from < plan.Count; from += AtOnce)
        {
            var some = plan.Skip(from).Take(AtOnce).Select(one => DeliverAsync(by, one.Mailbox, one.Delivery, cancellation));
            (await Task.WhenAll(some)).CopyTo(results, from);
        }

        return results;
    }

    private async Task<DeliverManyResult> DeliverAsync(Deliverer by, string mailbox, Delivery delivery, CancellationToken cancellation)
    {
        if (RequestReader.RefusalOf(by.Caller, mailbox, Scope.Deliver) is { } refusal)
        {
            return DeliveryAnswers.RefusedOf(mailbox, refusal);
        }

        try
        {
            return DeliveryAnswers.OneOfManyOf(
                mailbox, await store.DeliverAsync(mailbox, delivery with { Trace = by.Trace }, by.Path, cancellation));
        }
        catch (StoreException exception)
        {
            return DeliveryAnswers.RefusedOf(mailbox, ProblemMiddleware.Of(exception));
        }
    }
}
