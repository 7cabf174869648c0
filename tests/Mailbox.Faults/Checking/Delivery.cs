using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>One attempt to deliver, and what became of it.</summary>
internal sealed class Delivery(DeliverBegan began, Message message)
{
    public DeliverBegan Began { get; } = began;

    public Message Message { get; } = message;

    public DeliverEnded? Ended { get; set; }

    public DeliverOutcome Outcome => Ended?.Outcome ?? DeliverOutcome.Unknown;

    public bool IsAccepted => Outcome == DeliverOutcome.Accepted;

    /// <summary>What the producer was told; null for a bare delivery.</summary>
    public Position? Id => IsAccepted ? Ended!.Id : null;

    /// <summary>The latest that it can have been stored: without an answer it may still be on its way.</summary>
    public long StoredBefore => Outcome == DeliverOutcome.Unknown ? long.MaxValue : Ended!.Index;

    public override string ToString() => $"{Began.Payload} to {Began.Mailbox}{(Id is { } id ? $" ({id})" : "")}";
}
