using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>
/// G4: a message id of a mailbox names one payload for everybody. That a producer was told an id which then named
/// something else, because Redis forgot an answer in a fault that permits it, is told apart: <c>identity-producer</c>.
/// </summary>
internal sealed class IdentityRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits) => run.Mailboxes.SelectMany(mailbox => Check(run, mailbox));

    private static IEnumerable<Violation> Check(Run run, MailboxTimeline mailbox)
    {
        var names = new Dictionary<Position, string>();

        // What was received comes first: then every other use of an id is held against it.
        foreach (var receipt in mailbox.Messages.SelectMany(message => message.Receipts).OrderBy(receipt => receipt.Event.Index))
        {
            if (IsOther(receipt.Id, receipt.Event.Payload, out var named))
                yield return Violated($"{mailbox.Name} {receipt.Id}: {named} was received, then {receipt.Event.Payload}", receipt.Event);
        }
        foreach (var (id, payload) in KeptIn(mailbox))
        {
            if (IsOther(id, payload, out var named))
                yield return Violated($"{mailbox.Name} {id}: {named} was received, {payload} is kept", mailbox.Kept!);
        }
        foreach (var delivery in mailbox.Deliveries.OrderBy(delivery => delivery.StoredBefore))
        {
            if (delivery.Id is not { } id)
                continue;
            if (IsOther(id, delivery.Began.Payload, out var named))
            {
                var violated = Violated($"{delivery}: its producer was told so, and it names {named}", delivery.Ended!);
                yield return MayBeForgotten(run, mailbox, delivery, named) ? violated with { Rule = "identity-producer" } : violated;
            }
            else if (!mailbox.Removals.MayRenumber && CameUnderAnother(delivery, id) is { } other)
            {
                yield return Violated($"{delivery} came as {other.Id}", other.Event);
            }
        }

        bool IsOther(Position id, string payload, out string named) =>
            !names.TryAdd(id, payload) & (named = names[id]) != payload;
    }

    private static Violation Violated(string text, HistoryEvent at) => new("identity", text, at.Index);

    private static Receipt? CameUnderAnother(Delivery delivery, Position id)
    {
        foreach (var receipt in delivery.Message.Receipts)
        {
            if (receipt.Id.Generation == id.Generation && receipt.Id.Sequence != id.Sequence && delivery.Message.Deliveries.Count == 1)
                return receipt;
        }
        return null;
    }

    /// <summary>Either of the two may be the one that Redis forgot.</summary>
    private static bool MayBeForgotten(Run run, MailboxTimeline mailbox, Delivery delivery, string named) =>
        (mailbox.Find(named)?.Deliveries ?? []).Append(delivery).Any(either => either.Ended is { } ended && run.MayForget(ended));

    private static IEnumerable<(Position Id, string Payload)> KeptIn(MailboxTimeline mailbox)
    {
        if (mailbox.Kept is not { } kept)
            yield break;
        for (var i = 0; i < kept.Payloads.Count; i++)
        {
            if (kept.Payloads[i] is { } payload)
                yield return (new Position(kept.Generation, kept.First + i), payload);
        }
    }
}
