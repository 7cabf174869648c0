namespace Mailbox.Faults.Checking.Rules;

/// <summary>The history makes sense: every end has a beginning, and every name is used once.</summary>
internal sealed class HistoryRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) => run.Misfits;
}
