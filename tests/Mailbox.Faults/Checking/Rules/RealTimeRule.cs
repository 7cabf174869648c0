namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// What had its answer before another began has the lower number, whoever delivered. What Redis may have forgotten binds
/// nobody: its number was given again.
/// </summary>
internal sealed class RealTimeRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        from pair in Sweep.OutOfOrder(
            run,
            delivery => delivery.Began.Mailbox,
            delivery => delivery.Id,
            binds: delivery => !run.MayForget(delivery.Ended!))
        select new Violation("real-time", $"{pair.Later} began after the answer for {pair.Earlier}", pair.Later.Ended!.Index);
}
