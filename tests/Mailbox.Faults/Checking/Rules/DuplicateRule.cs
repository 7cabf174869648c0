using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// What comes more than once has a reason: a message under a second id was delivered again without a key, or renumbered
/// by a reset; one under its own id came again with a new connection, and not more than a resume holds.
/// </summary>
internal sealed class DuplicateRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) =>
        run.Mailboxes.SelectMany(mailbox => Twice(run, mailbox).Concat(TooMany(mailbox, limits)));

    private static IEnumerable<Violation> Twice(Run run, MailboxTimeline mailbox)
    {
        foreach (var message in mailbox.Messages)
        {
            if (message.Receipts.Count < 2 || message.Deliveries.Exists(IsUncertain))
                continue;
            foreach (var receipt in message.Receipts)
            {
                var first = message.Receipts[0].Id;
                if (receipt.Id == first || (receipt.Id.Generation != first.Generation && MayBeRenumbered(run, mailbox, receipt)))
                    continue;
                yield return new Violation(
                    "duplicate", $"{mailbox.Name}: {message.Payload} came as {first}, and as {receipt.Id}", receipt.Event.Index);
            }
        }
    }

    private static bool IsUncertain(Delivery delivery) =>
        delivery.Outcome == DeliverOutcome.Unknown && !delivery.Began.IsKeyed;

    /// <summary>A receiver that comes without a cursor is told no reset.</summary>
    private static bool MayBeRenumbered(Run run, MailboxTimeline mailbox, Receipt receipt) =>
        mailbox.Resets.Exists(reset => reset.Index < receipt.Event.Index)
        || receipt.Connection.Stream.Any(happened => happened is ResetTold)
        || run.Faults.Any(fault => fault.LosesWrites && fault.Began.Index < receipt.Event.Index);

    private static IEnumerable<Violation> TooMany(MailboxTimeline mailbox, CheckLimits limits)
    {
        var again = mailbox.Messages.Sum(message =>
        {
            var ids = message.Receipts.Where(receipt => !receipt.Connection.IsShared).Select(receipt => receipt.Id).ToList();
            return ids.Count < 2 ? 0 : ids.Count - ids.Distinct().Count();
        });
        var openings = mailbox.Receivers.Count(connection => connection.Opened is not null);
        if (again > (long)openings * limits.DuplicatesPerOpening)
            yield return new Violation("duplicate", $"{mailbox.Name}: {again} came again, with {openings} openings", mailbox.Kept?.Index ?? 0);
    }
}
