using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

internal static class FigureReader
{
    public static Figures Read(Run run)
    {
        var messages = run.Mailboxes.SelectMany(mailbox => mailbox.Messages);
        return new Figures(
            Attempted: run.Deliveries.Count,
            Accepted: Count(run, DeliverOutcome.Accepted),
            Unknown: Count(run, DeliverOutcome.Unknown),
            Refused: Count(run, DeliverOutcome.Refused),
            Received: messages.Count(message => message.FirstReceipt is not null),
            Lost: run.Losses.Count,
            Announced: run.Losses.Count(loss => loss.IsAnnounced),
            Duplicates: messages.Sum(message =>
                Math.Max(0, message.Receipts.Count(receipt => !receipt.Connection.IsShared) - 1)),
            Gaps: Told(run).Count(happened => happened is GapTold),
            Resets: Told(run).Count(happened => happened is ResetTold),
            WakeP50: run.Wakes.Percentile(0.50),
            WakeP99: run.Wakes.Percentile(0.99),
            CaughtUp: CaughtUp(run));
    }

    private static TimeSpan? CaughtUp(Run run)
    {
        if (run.LastHealed is not { } healed)
            return null;
        var until = run.Losses.Any(loss => loss.IsKept) ? run.Quiet.At : run.Wakes.CaughtUpAt(healed.At);
        return TimeSpan.FromMilliseconds(Math.Max(0, until - healed.At));
    }

    private static IEnumerable<HistoryEvent> Told(Run run) =>
        run.Connections.Where(connection => !connection.IsShared).SelectMany(connection => connection.Stream);

    private static int Count(Run run, DeliverOutcome outcome) => run.Deliveries.Count(delivery => delivery.Outcome == outcome);
}
