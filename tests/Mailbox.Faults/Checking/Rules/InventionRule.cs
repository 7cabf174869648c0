using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking.Rules;

/// <summary>Nothing comes that was not delivered to this mailbox, or that was refused.</summary>
internal sealed class InventionRule : IRule
{
    public IEnumerable<Violation> Check(Run run, CheckLimits limits)
    {
        foreach (var mailbox in run.Mailboxes)
        {
            foreach (var payload in (mailbox.Kept?.Payloads ?? []).OfType<string>().Where(payload => !WasDelivered(mailbox.Find(payload))))
                yield return new Violation("invention", $"{mailbox.Name} keeps {Explain(mailbox, payload)}", mailbox.Kept!.Index);

            foreach (var message in mailbox.Messages)
            {
                if (message.Receipts.Count > 0 && !WasDelivered(message))
                    yield return At(message.Receipts[0], $"{mailbox.Name} was given {Explain(mailbox, message.Payload)}");
                foreach (var receipt in message.Receipts)
                {
                    if (receipt.Connection.Mailbox != mailbox)
                        yield return At(receipt, $"{message.Payload} of {mailbox.Name} came to {receipt.Connection.Mailbox.Name}");
                    if (message.Deliveries.Count > 0 && message.Deliveries[0].Began.Index > receipt.Event.Index)
                        yield return At(receipt, $"{message.Payload} came to {mailbox.Name} before it was delivered");
                }
            }
        }
    }

    private static bool WasDelivered(Message? message) =>
        message is not null && message.Deliveries.Exists(delivery => delivery.Outcome != DeliverOutcome.Refused);

    private static string Explain(MailboxTimeline mailbox, string payload) =>
        $"{payload}, which was {(mailbox.Find(payload)?.Deliveries.Count > 0 ? "refused" : "never delivered to it")}";

    private static Violation At(Receipt receipt, string text) => new("invention", text, receipt.Event.Index);
}
