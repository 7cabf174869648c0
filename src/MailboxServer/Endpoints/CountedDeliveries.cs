using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>How an endpoint delivers: what became of it is counted, by the call that brought it.</summary>
internal static class CountedDeliveries
{
    public static async ValueTask<Delivered> DeliverAsync(
        this IMailboxStore store, string mailbox, Delivery delivery, string path, CancellationToken cancellation)
    {
        DeliveryOutcome? outcome = null;
        try
        {
            var delivered = await store.DeliverAsync(mailbox, delivery, cancellation);
            outcome = delivered.Outcome;
            return delivered;
        }
        finally
        {
            NodeMetrics.Delivery(outcome, path);
        }
    }
}
