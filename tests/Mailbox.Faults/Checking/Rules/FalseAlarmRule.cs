using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// G5, from its other side: nobody is told of a loss where nothing may be lost. A reset with another reason than
/// <c>lost</c> voids nothing, and what a watcher missed because the receiver acknowledged it is no loss.
/// </summary>
internal sealed class FalseAlarmRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        run.Connections.Where(connection => !connection.IsShared).SelectMany(connection => connection.Stream)
            .Where(told => told is ResetTold or GapTold && !IsTrue(run, told))
            .Select(told => new Violation("false alarm", $"{told}, though nothing was to be lost", told.Index));

    private static bool IsTrue(Run run, HistoryEvent told) => told switch
    {
        ResetTold reset => reset.Reason != "lost" || run.Faults.Any(fault => fault.LosesWrites && fault.Began.Index < told.Index),
        GapTold { Reason: "acknowledged" } => true,
        GapTold gap => run.Faults.Any(fault => fault.LosesWrites || fault.Permits(gap)),
        _ => true,
    };
}
