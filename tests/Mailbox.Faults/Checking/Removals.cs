using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>What left a mailbox on purpose, and therefore quietly: taken back, replaced by its topic, or expired.</summary>
internal sealed class Removals
{
    private readonly Numbering _numbering;
    private readonly Dictionary<Position, long> _takenBack = [];
    private readonly Dictionary<Delivery, Delivery> _nextOfTopic = [];
    private readonly HashSet<Delivery> _raced = [];
    private readonly List<Delivery> _removable;

    /// <summary>What nobody was sent gets a fresh number when the places of removed ones fill the mailbox.</summary>
    public bool MayRenumber { get; }

    public Removals(MailboxTimeline mailbox)
    {
        _numbering = mailbox.Numbering;
        foreach (var takeBack in mailbox.TakeBacks)
            _takenBack.TryAdd(takeBack.Id, takeBack.Index);
        foreach (var topic in mailbox.Deliveries.Where(delivery => delivery.Began.Topic is not null
            && delivery.Outcome != DeliverOutcome.Refused).GroupBy(delivery => delivery.Began.Topic))
            ReadTopic([.. topic.OrderBy(delivery => delivery.Began.Index)]);
        MayRenumber = _takenBack.Count > 0
            || mailbox.Deliveries.Any(delivery => delivery.Began.Topic is not null || delivery.Began.TimeToLive is not null);
        // A reset gives new numbers to what is kept, and to the places of what was removed: so not only what never had one.
        var takenBack = _takenBack.Keys.Select(_numbering.At).ToHashSet();
        _removable = [.. mailbox.Deliveries.Where(delivery => delivery.Outcome != DeliverOutcome.Refused
            && (delivery.Began.Topic is not null || delivery.Began.TimeToLive is not null || takenBack.Contains(delivery.Message)
                || (delivery.Id is null && delivery.Message.Receipts.Count == 0)))];
    }

    /// <summary>May this delivery have been removed on purpose before then?</summary>
    public bool MayBeGone(Delivery delivery, HistoryEvent by) =>
        IsExpired(delivery, by) || IsReplaced(delivery, by) || IsTakenBack(delivery, by);

    /// <summary>Is there a reason for this number not to have come before then?</summary>
    public bool Explains(Position missing, HistoryEvent by)
    {
        if (_takenBack.TryGetValue(missing, out var taken) && taken < by.Index)
            return true;
        if (_numbering.At(missing) is not { } message)
            return _removable.Exists(delivery => _numbering.CouldBe(delivery, missing) && MayBeGone(delivery, by));
        return message.Deliveries.Exists(delivery => MayBeGone(delivery, by))
            || (MayRenumber && message.Receipts.Exists(receipt =>
                receipt.Id.Generation == missing.Generation && receipt.Id.Sequence > missing.Sequence));
    }

    private static bool IsExpired(Delivery delivery, HistoryEvent by) =>
        delivery.Began.TimeToLive is { } life && delivery.Began.At + life <= by.At;

    private bool IsReplaced(Delivery delivery, HistoryEvent by) =>
        _raced.Contains(delivery) || (_nextOfTopic.TryGetValue(delivery, out var next) && next.Began.Index < by.Index);

    private bool IsTakenBack(Delivery delivery, HistoryEvent by)
    {
        if (delivery.Id is { } id && _takenBack.TryGetValue(id, out var taken))
            return taken < by.Index;
        foreach (var (position, at) in _takenBack)
        {
            if (at < by.Index && position.Generation != delivery.Id?.Generation && _numbering.CouldBe(delivery, position))
                return true;
        }
        return false;
    }

    private void ReadTopic(List<Delivery> deliveries)
    {
        var latestStored = -1L;
        for (var i = 0; i < deliveries.Count; i++)
        {
            // One that began before, and may have been stored behind this one.
            if (latestStored > deliveries[i].Began.Index)
                _raced.Add(deliveries[i]);
            latestStored = Math.Max(latestStored, deliveries[i].StoredBefore);
            if (i + 1 < deliveries.Count)
                _nextOfTopic[deliveries[i]] = deliveries[i + 1];
        }
    }
}
