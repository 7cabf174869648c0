using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>An accepted delivery that no receiver was given, though nobody removed it.</summary>
/// <param name="Place">Before all, in the middle of, or behind all that its mailbox's receivers were given.</param>
/// <param name="IsKept">It is in Redis still, and a receiver is there: late, not lost.</param>
/// <param name="IsAnnounced">A gap or reset that a fault permits covers it.</param>
/// <param name="IsHole">Receivers were given what stands behind it, and nothing had been announced.</param>
internal sealed record Loss(Delivery Delivery, string Place, bool IsKept, bool IsAnnounced, bool IsHole)
{
    public static IEnumerable<Loss> Find(Run run)
    {
        foreach (var mailbox in run.Mailboxes)
        {
            var missing = mailbox.Deliveries.Where(delivery => delivery.IsAccepted && delivery.Message.FirstReceipt is null
                && !(mailbox.Keeps(delivery.Began.Payload) && !mailbox.HasReceiver)
                && !mailbox.Removals.MayBeGone(delivery, run.Quiet)
                && !IsYetToBeTold(run, mailbox, delivery)).ToList();
            if (missing.Count == 0)
                continue;

            var received = mailbox.Deliveries.Where(delivery => delivery.Message.FirstReceipt is not null && delivery.Ended is not null)
                .Select(delivery => delivery.Ended!.Index).DefaultIfEmpty(long.MaxValue).ToList();
            var (first, last) = (received.Min(), received.Max());
            foreach (var delivery in missing)
            {
                var place = delivery.Ended!.Index < first ? "prefix" : delivery.Ended.Index > last ? "postfix" : "middle";
                yield return Judge(run, delivery, place);
            }
        }
    }

    /// <summary>A fault may have cost it, and nobody has come since who could have been told.</summary>
    private static bool IsYetToBeTold(Run run, MailboxTimeline mailbox, Delivery delivery) =>
        !mailbox.HasReceiver
        && mailbox.Receivers.All(receiver => receiver.Began.Index < delivery.Ended!.Index)
        && run.Faults.Any(fault => fault.Began.Permits != LossWindow.None && fault.EndedAt >= delivery.Ended!.At);

    private static Loss Judge(Run run, Delivery delivery, string place)
    {
        var mailbox = delivery.Message.Mailbox;
        var isKept = mailbox.Keeps(delivery.Began.Payload);
        var behind = mailbox.Numbering.FirstReceiptBehind(delivery);
        if (IsInGap(run, delivery))
            return new Loss(delivery, place, isKept, IsAnnounced: true, IsHole: false);
        var reset = ResetAfter(run, delivery);
        return new Loss(delivery, place, isKept, reset is { } told && told.Index < behind, behind < (reset?.Index ?? long.MaxValue));
    }

    private static bool IsInGap(Run run, Delivery delivery) => delivery.Message.Mailbox.Gaps.Any(gap =>
        gap.Generation is not null
        && gap.Event.Index > delivery.Began.Index
        && delivery.Message.Mailbox.Numbering.CouldBeWithin(delivery, gap.Generation, gap.Event.From, gap.Event.To)
        && (delivery.Id is null || delivery.Id.Generation == gap.Generation || IsRenumbered(delivery, gap.Event))
        && run.Faults.Any(fault => fault.Permits(gap.Event)));

    private static bool IsRenumbered(Delivery delivery, GapTold before) => delivery.Message.Mailbox.Resets.Exists(reset =>
        reset.Index > delivery.Began.Index && reset.Index < before.Index);

    /// <summary>The first reset behind a fault in which Redis may have forgotten this delivery.</summary>
    private static ResetTold? ResetAfter(Run run, Delivery delivery) => delivery.Message.Mailbox.Resets.Find(reset =>
        reset.Index > delivery.Ended!.Index
        && run.Faults.Any(fault => fault.MayForget(delivery.Ended) && fault.Began.Index < reset.Index));
}
