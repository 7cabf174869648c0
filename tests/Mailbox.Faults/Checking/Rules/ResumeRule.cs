namespace Mailbox.Faults.Checking.Rules;

/// <summary>G5: what comes first after a cursor is what stands behind it, unless something else was announced.</summary>
internal sealed class ResumeRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        from connection in run.Connections
        where connection.Began.Resumes is not null
        from step in StreamStep.Of(connection).Take(1)
        where step.IsFirst
        let problem = step.Problem()
        where problem is not null
        select new Violation("resume", $"{connection.Mailbox.Name} on {connection.Began.Connection}: {problem}", step.To.Index);
}
