namespace Mailbox.Faults.Checking.Rules;

/// <summary>G3: what one producer delivered one after the other stands in that order, also where it was told no ids.</summary>
internal sealed class SenderOrderRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        from pair in Sweep.OutOfOrder(
            run,
            delivery => (delivery.Began.Mailbox, delivery.Began.Producer),
            delivery => delivery.Message.FirstReceipt?.Id,
            binds: _ => true)
        let first = pair.Later.Message.FirstReceipt!.Value
        select new Violation(
            "order",
            $"{pair.Later} came as {first.Id}, though its producer had delivered {pair.Earlier} before, "
                + $"which came as {pair.Earlier.Message.FirstReceipt!.Value.Id}",
            first.Event.Index);
}
