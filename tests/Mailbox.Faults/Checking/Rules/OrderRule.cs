namespace Mailbox.Faults.Checking.Rules;

/// <summary>G3: within a stream and generation numbers increase, and one that does not come is announced or was removed.</summary>
internal sealed class OrderRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        from connection in run.Connections
        from step in StreamStep.Of(connection)
        where !step.IsFirst || step.From is null
        let problem = step.Problem()
        where problem is not null
        select new Violation("order", $"{connection.Mailbox.Name} on {connection.Began.Connection}: {problem}", step.To.Index);
}
