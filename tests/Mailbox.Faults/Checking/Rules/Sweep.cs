using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// Of deliveries that followed one another (the first had its answer before the second began) finds those whose numbers
/// did not: once through the history, with the highest number that had been answered so far.
/// </summary>
internal static class Sweep
{
    /// <param name="among">Only what has the same key here is compared.</param>
    /// <param name="numberOf">Its number there, or null when it has none.</param>
    /// <param name="binds">Must later ones stand behind it?</param>
    public static IEnumerable<(Delivery Earlier, Delivery Later)> OutOfOrder<TKey>(
        Run run, Func<Delivery, TKey> among, Func<Delivery, Position?> numberOf, Func<Delivery, bool> binds)
    {
        var highest = new Dictionary<(TKey, string Generation), (long Sequence, Delivery Delivery)>();
        var before = new Dictionary<Delivery, (long Sequence, Delivery Delivery)>();
        foreach (var happened in run.History)
        {
            if (happened is DeliverBegan began && Counted(began.Op) is var (beginning, first)
                && highest.TryGetValue((among(beginning), first.Generation), out var answered))
            {
                before[beginning] = answered;
            }
            else if (happened is DeliverEnded ended && Counted(ended.Op) is var (delivery, number))
            {
                if (before.Remove(delivery, out var earlier) && earlier.Sequence >= number.Sequence && earlier.Delivery != delivery)
                    yield return (earlier.Delivery, delivery);
                var key = (among(delivery), number.Generation);
                if (binds(delivery) && (!highest.TryGetValue(key, out var known) || known.Sequence < number.Sequence))
                    highest[key] = (number.Sequence, delivery);
            }
        }

        (Delivery, Position)? Counted(long op) =>
            run.Delivery(op) is { IsAccepted: true } delivery && numberOf(delivery) is { } number ? (delivery, number) : null;
    }
}
