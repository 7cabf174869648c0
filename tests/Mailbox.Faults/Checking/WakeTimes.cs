namespace Mailbox.Faults.Checking;

/// <summary>How long messages took to receivers that were connected all the while, when nothing was wrong.</summary>
internal sealed class WakeTimes
{
    private readonly List<double> _sorted = [];
    private readonly double[] _acceptedAt;
    private readonly double[] _receivedBy;

    public WakeTimes(Run run)
    {
        var received = run.Deliveries.Where(delivery => delivery.IsAccepted && delivery.Message.FirstReceipt is not null)
            .OrderBy(delivery => delivery.Ended!.Index).ToArray();
        _acceptedAt = Array.ConvertAll(received, delivery => delivery.Ended!.At);
        _receivedBy = Array.ConvertAll(received, delivery => delivery.Message.FirstReceipt!.Value.Event.At);
        for (var i = 1; i < received.Length; i++)
            _receivedBy[i] = Math.Max(_receivedBy[i], _receivedBy[i - 1]);

        var troubled = new Intervals(run.Faults.Select(fault => (fault.Began.At, TroubledUntil(fault, run.Limits))));
        foreach (var delivery in run.Deliveries)
        {
            if (delivery.Message.FirstReceipt is not { } receipt || receipt.Connection.Opened is not { } opened
                || opened.Index > delivery.Began.Index)
                continue;
            if (!troubled.Overlap(delivery.Began.At, receipt.Event.At))
                _sorted.Add(receipt.Event.At - delivery.Began.At);
        }
        _sorted.Sort();
    }

    /// <summary>NaN when nothing was measured.</summary>
    public double Percentile(double share) =>
        _sorted.Count == 0 ? double.NaN : _sorted[Math.Min(_sorted.Count - 1, (int)(_sorted.Count * share))];

    /// <summary>When the last of what had been accepted before then was first received.</summary>
    public double CaughtUpAt(double then)
    {
        var found = Array.BinarySearch(_acceptedAt, then);
        var last = found >= 0 ? found : ~found - 1;
        return last >= 0 ? Math.Max(then, _receivedBy[last]) : then;
    }

    /// <summary>A fault's trouble lasts until what had been accepted before its end was received: the backlog is no wake.</summary>
    private double TroubledUntil(FaultWindow fault, CheckLimits limits) =>
        Math.Min(CaughtUpAt(fault.EndedAt), fault.EndedAt + limits.CaughtUp.TotalMilliseconds);
}
