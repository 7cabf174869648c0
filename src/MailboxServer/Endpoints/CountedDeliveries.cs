using System.Diagnostics;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>How an endpoint delivers: what became of it is counted by the call that brought it, and its trace goes with it.</summary>
internal static class CountedDeliveries
{
    public static async ValueTask<Delivered> DeliverAsync(
        this IMailboxStore store, string mailbox, Delivery delivery, string path, CancellationToken cancellation)
    {
        DeliveryOutcome? outcome = null;
        using var activity = NodeTraces.Deliver(mailbox, delivery.Trace);
        try
        {
            if (activity is { Recorded: true })
            {
                delivery = delivery with { Trace = MessageTrace.Of(activity.Context) };
            }

            var delivered = await store.DeliverAsync(mailbox, delivery, cancellation);
            outcome = delivered.Outcome;
            if (outcome is DeliveryOutcome.Stored or DeliveryOutcome.Replayed)
            {
                activity?.SetTag("messaging.message.id", delivered.Id.ToString());
            }

            return delivered;
        }
        catch (StoreException)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            NodeMetrics.Delivery(outcome, path);
        }
    }

    /// <summary>The trace that a request says it belongs to.</summary>
    public static MessageTrace? TraceOf(HttpContext http) =>
        http.Request.Headers.TraceParent is [var parent] ? MessageTrace.Parse(parent, http.Request.Headers.TraceState) : null;
}
