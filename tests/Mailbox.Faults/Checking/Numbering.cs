using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>
/// Which number of a mailbox is whose: as producers were told and as receivers saw. For a message whose number nobody
/// knows (bare, or without an answer) it says between which numbers it must stand: after all that had been stored before
/// it began, before all that began after it was stored.
/// </summary>
internal sealed class Numbering
{
    private readonly Dictionary<Position, Message> _names = [];
    private readonly Dictionary<string, NumberedGeneration> _generations = [];
    private readonly List<(long Index, string Generation)> _seen = [];

    public Numbering(MailboxTimeline mailbox)
    {
        foreach (var message in mailbox.Messages)
        {
            foreach (var receipt in message.Receipts)
            {
                _names.TryAdd(receipt.Id, message);
                _seen.Add((receipt.Event.Index, receipt.Id.Generation));
                Generation(receipt.Id).Add(receipt);
            }
        }
        foreach (var delivery in mailbox.Deliveries)
        {
            if (delivery.Id is { } id)
            {
                _names.TryAdd(id, delivery.Message);
                _seen.Add((delivery.Ended!.Index, id.Generation));
            }
            foreach (var position in PositionsOf(delivery))
                Generation(position).Add(delivery, position.Sequence);
        }
        _seen.Sort();
        foreach (var generation in _generations.Values)
            generation.Sort();
    }

    public Message? At(Position position) => _names.GetValueOrDefault(position);

    /// <summary>The one that was last seen before, and the one that was seen next, if it is another.</summary>
    public IEnumerable<string> GenerationsAround(HistoryEvent happened)
    {
        var next = ~_seen.BinarySearch((happened.Index, ""));
        return _seen.Skip(next - 1).Take(next == 0 ? 1 : 2).Select(seen => seen.Generation).Distinct();
    }

    /// <summary>May this delivery, of which no receiver ever saw anything, have had that number?</summary>
    public bool CouldBe(Delivery delivery, Position position) =>
        CouldBeWithin(delivery, position.Generation, position.Sequence, position.Sequence)
        && (At(position) is not { } named || named == delivery.Message);

    /// <summary>May it have had a number from here to there?</summary>
    public bool CouldBeWithin(Delivery delivery, string generation, long from, long to)
    {
        if (delivery.Id is { } id && id.Generation == generation)
            return id.Sequence >= from && id.Sequence <= to;
        if (!_generations.TryGetValue(generation, out var numbered))
            return true;
        var (after, before) = numbered.Around(delivery);
        return Math.Max(from, after + 1) <= Math.Min(to, before - 1);
    }

    /// <summary>When a receiver was first given, in the same generation, what stands behind this; or never.</summary>
    public long FirstReceiptBehind(Delivery delivery)
    {
        if (delivery.Id is { } id)
            return _generations[id.Generation].FirstReceiptFrom(id.Sequence + 1);
        var first = long.MaxValue;
        foreach (var numbered in _generations.Values)
        {
            // Known to be of this generation only if something of it stands on both sides.
            var (after, before) = numbered.Around(delivery);
            if (after > 0 && before < long.MaxValue)
                first = Math.Min(first, numbered.FirstReceiptFrom(before));
        }
        return first;
    }

    private static IEnumerable<Position> PositionsOf(Delivery delivery)
    {
        var seen = delivery.Message.Receipts.Select(receipt => receipt.Id);
        return (delivery.Id is { } id ? seen.Append(id) : seen).Distinct();
    }

    private NumberedGeneration Generation(Position position)
    {
        if (!_generations.TryGetValue(position.Generation, out var generation))
            _generations[position.Generation] = generation = new NumberedGeneration();
        return generation;
    }
}
