using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>G6: what was acknowledged does not come again on a stream opened afterwards, unless Redis may have forgotten the ack.</summary>
internal sealed class AckRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits)
    {
        foreach (var mailbox in run.Mailboxes)
        {
            var acked = new AckedPlaces(mailbox.Acks.Where(ack => ack.IsAcked && !run.MayForget(ack.Ended!)));
            foreach (var receipt in mailbox.Messages.SelectMany(message => message.Receipts))
            {
                if (acked.Before(receipt.Connection.Began, receipt.Id.Generation) is { } place && receipt.Id.Sequence <= place)
                    yield return new Violation(
                        "ack",
                        $"{mailbox.Name}: {receipt.Id} ({receipt.Event.Payload}) came on {receipt.Connection.Began.Connection}, "
                            + $"opened after the ack of {place}",
                        receipt.Event.Index);
            }
        }
    }

    /// <summary>For every generation: up to where it had been acknowledged, at any time.</summary>
    private sealed class AckedPlaces
    {
        private readonly Dictionary<string, (long[] Ended, long[] Place)> _byGeneration = [];

        public AckedPlaces(IEnumerable<Ack> acks)
        {
            foreach (var group in acks.GroupBy(ack => ack.Began.Id.Generation))
            {
                var ordered = group.OrderBy(ack => ack.Ended!.Index).ToArray();
                var places = Array.ConvertAll(ordered, ack => ack.Began.Id.Sequence);
                for (var i = 1; i < places.Length; i++)
                    places[i] = Math.Max(places[i], places[i - 1]);
                _byGeneration[group.Key] = (Array.ConvertAll(ordered, ack => ack.Ended!.Index), places);
            }
        }

        public long? Before(HistoryEvent happened, string generation)
        {
            if (!_byGeneration.TryGetValue(generation, out var acks))
                return null;
            var count = ~Array.BinarySearch(acks.Ended, happened.Index);
            return count > 0 ? acks.Place[count - 1] : null;
        }
    }
}
