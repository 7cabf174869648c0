using Mailbox.Contracts;
using Mailbox.Endpoints;

namespace Mailbox.Proxy;

/// <summary>When an answer that was for mailboxes came to none of them: its caller must not take that for a success.</summary>
internal static class ResultProblems
{
    /// <summary>Delivered, or with a TTL of 0 to nobody, as it was asked.</summary>
    public static bool IsDelivered(DeliverManyResult result) => result.Status < StatusCodes.Status300MultipleChoices;

    public static Problem? Of(IReadOnlyList<DeliverManyResult> results) => Of(results, results.Any(IsDelivered));

    /// <summary>That the store did not answer goes before all others: only then is it worth to try again.</summary>
    public static Problem? Of(IReadOnlyList<DeliverManyResult> refusals, bool anySucceeded)
    {
        if (anySucceeded || refusals.Count == 0)
        {
            return null;
        }

        if (refusals.Any(result => result.Type == ProblemTypes.StoreUnavailable))
        {
            return Problem.StoreUnavailable;
        }

        var first = refusals[0];
        return new Problem(first.Status, first.Type!, "No mailbox took the backend's answer.", first.Detail);
    }
}
