namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// G1, G2, G5: what was accepted is received, or kept for a receiver that is away, or was removed on purpose, or is
/// announced by a gap or reset that a fault permits. A hole in the middle is never permitted.
/// </summary>
internal sealed class LossRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        from loss in run.Losses
        where !loss.IsAnnounced && !loss.IsKept
        let hole = loss.IsHole ? ", a hole: what stands behind it was received and nothing had been announced" : ""
        select new Violation("loss", $"lost ({loss.Place}): {loss.Delivery}{hole}", loss.Delivery.Ended!.Index);
}
