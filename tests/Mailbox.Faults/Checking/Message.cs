using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>One payload in one mailbox: how it was delivered, and where it came.</summary>
internal sealed class Message(MailboxTimeline mailbox, string payload)
{
    public MailboxTimeline Mailbox { get; } = mailbox;

    public string Payload { get; } = payload;

    /// <summary>One, unless somebody delivered the same payload again.</summary>
    public List<Delivery> Deliveries { get; } = new(1);

    /// <summary>In the history's order, watchers included.</summary>
    public List<Receipt> Receipts { get; } = new(1);

    /// <summary>By a receiver: what only a watcher saw has not arrived.</summary>
    public Receipt? FirstReceipt { get; private set; }

    public void Add(Receipt receipt)
    {
        Receipts.Add(receipt);
        if (!receipt.Connection.IsShared)
            FirstReceipt ??= receipt;
    }
}

internal readonly record struct Receipt(Received Event, Connection Connection)
{
    public Position Id => Event.Id;
}
