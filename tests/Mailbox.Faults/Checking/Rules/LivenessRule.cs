using System.Globalization;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>G8: messages come in time, while all is well and after what was wrong is over. A run in which nothing went shows nothing.</summary>
internal sealed class LivenessRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        Empty(run).Concat(Late(run, limits)).Concat(Slow(run, limits));

    private static IEnumerable<Violation> Empty(Run run)
    {
        if (!run.Deliveries.Any(delivery => delivery.IsAccepted))
            yield return new Violation("liveness", "nothing was accepted: this run shows nothing", run.Quiet.Index);
        else if (!run.Mailboxes.Any(mailbox => mailbox.Messages.Any(message => message.FirstReceipt is not null)))
            yield return new Violation("liveness", "nothing was received: this run shows nothing", run.Quiet.Index);
    }

    private static IEnumerable<Violation> Late(Run run, CheckLimits limits)
    {
        foreach (var loss in run.Losses.Where(loss => loss.IsKept))
            yield return new Violation("liveness", $"not caught up: {loss.Delivery} is kept, and its receiver is there", run.Quiet.Index);

        foreach (var delivery in run.Deliveries)
        {
            if (!delivery.IsAccepted || !delivery.Message.Mailbox.HasReceiver || delivery.Message.FirstReceipt is not { } receipt)
                continue;
            var since = Math.Max(delivery.Ended!.At, run.LastHealed?.At ?? 0);
            if (receipt.Event.At - since <= limits.CaughtUp.TotalMilliseconds)
                continue;
            var waited = receipt.Event.At - ConnectedFrom(delivery.Message.Mailbox, since);
            if (waited > limits.CaughtUp.TotalMilliseconds)
                yield return new Violation(
                    "liveness", string.Create(CultureInfo.InvariantCulture, $"{delivery} came after {waited:0} ms"), receipt.Event.Index);
        }
    }

    private static IEnumerable<Violation> Slow(Run run, CheckLimits limits)
    {
        var p99 = run.Wakes.Percentile(0.99);
        if (p99 > limits.WakeP99.TotalMilliseconds)
            yield return new Violation(
                "liveness", string.Create(CultureInfo.InvariantCulture, $"while nothing was wrong, p99 of a wake was {p99:0.0} ms"), run.Quiet.Index);
    }

    /// <summary>From then on, or from when the first receiver was there afterwards: nobody is late for who is away.</summary>
    private static double ConnectedFrom(MailboxTimeline mailbox, double since) => mailbox.Receivers
        .Where(connection => connection.Opened is not null && (connection.Ended?.At ?? double.PositiveInfinity) > since)
        .Select(connection => Math.Max(since, connection.Opened!.At))
        .DefaultIfEmpty(since)
        .Min();
}
