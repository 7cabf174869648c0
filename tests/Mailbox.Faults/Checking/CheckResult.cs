namespace Mailbox.Faults.Checking;

public sealed record CheckResult(IReadOnlyList<Violation> Violations, Figures Figures)
{
    public bool IsClean => Violations.Count == 0;
}
