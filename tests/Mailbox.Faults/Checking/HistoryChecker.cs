using Mailbox.Faults.Checking.Rules;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>Holds a run's history against what Mailbox promises, rule by rule.</summary>
public static class HistoryChecker
{
    private static readonly IRule[] Rules =
    [
        new HistoryRule(),
        new LossRule(),
        new InventionRule(),
        new IdentityRule(),
        new OrderRule(),
        new SenderOrderRule(),
        new RealTimeRule(),
        new ResumeRule(),
        new AckRule(),
        new FenceRule(),
        new DuplicateRule(),
        new LivenessRule(),
        new FalseAlarmRule(),
        new ResidueRule(),
    ];

    public static CheckResult Check(IReadOnlyList<HistoryEvent> history, CheckLimits limits)
    {
        var run = new Run(history, limits);
        return new CheckResult(
            [.. Rules.SelectMany(rule => rule.Check(run, limits)).OrderBy(violation => violation.Index)],
            FigureReader.Read(run));
    }
}
