namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// G7: who was superseded neither acknowledges nor is given what is new. Not held against openings that Redis may have
/// forgotten.
/// </summary>
internal sealed class FenceRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) => run.Mailboxes.SelectMany(mailbox => Check(run, mailbox));

    private static IEnumerable<Violation> Check(Run run, MailboxTimeline mailbox)
    {
        var openings = new Openings(mailbox.Receivers.Where(connection =>
            connection.Opened is { } opened && !run.MayForget(opened)));
        if (!openings.HaveSeveralClients)
            yield break;

        var tries = mailbox.Receivers.ToLookup(connection => connection.Client);
        var latest = tries.ToDictionary(client => client.Key, client => new LatestOf(client));
        foreach (var ack in mailbox.Acks.Where(ack => ack.IsAcked))
        {
            var (client, began) = (ack.Began.Client, ack.Began.Index);
            if (latest.TryGetValue(client, out var own) && openings.Rival(client, began) is { } rival
                && rival.Began.Index > own.ReceiverBefore(began))
            {
                yield return new Violation(
                    "fence",
                    $"{mailbox.Name}: {client} acknowledged {ack.Began.Id}, though {rival.Client} had opened {rival.Began.Connection}",
                    ack.Ended!.Index);
            }
        }
        foreach (var message in mailbox.Messages)
        {
            foreach (var receipt in message.Receipts)
            {
                var connection = receipt.Connection;
                if (connection.IsShared || message.Deliveries.Count == 0)
                    continue;
                if (openings.Rival(connection.Client, message.Deliveries[0].Began.Index) is { } rival
                    && rival.Began.Index > connection.ReceiverBefore)
                {
                    yield return new Violation(
                        "fence",
                        $"{mailbox.Name}: {message.Payload} was delivered after {rival.Client} had opened {rival.Began.Connection}, "
                            + $"and came on {connection.Began.Connection} of {connection.Client}",
                        receipt.Event.Index);
                }
            }
        }
    }

    /// <summary>Up to when a client's own tries to open, as far as it had made them, may have made it the receiver.</summary>
    private sealed class LatestOf
    {
        private readonly long[] _began;
        private readonly long[] _receiverBefore;

        public LatestOf(IEnumerable<Connection> tries)
        {
            var ordered = tries.OrderBy(connection => connection.Began.Index).ToArray();
            _began = Array.ConvertAll(ordered, connection => connection.Began.Index);
            _receiverBefore = Array.ConvertAll(ordered, connection => connection.ReceiverBefore);
            for (var i = 1; i < ordered.Length; i++)
                _receiverBefore[i] = Math.Max(_receiverBefore[i], _receiverBefore[i - 1]);
        }

        public long ReceiverBefore(long index)
        {
            var count = ~Array.BinarySearch(_began, index);
            return count > 0 ? _receiverBefore[count - 1] : long.MaxValue;
        }
    }
}
