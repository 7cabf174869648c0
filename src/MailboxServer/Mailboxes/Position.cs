namespace Mailbox.Mailboxes;

/// <summary>
/// A place in a mailbox: the message up to which a reader has read. The check tells that message from any other that a
/// failover may have put at the same sequence. Sequence 0 is the place before the first message.
/// </summary>
internal readonly record struct Position(Identifier Generation, long Sequence, Identifier Check)
{
    /// <summary>The place of who has not heard of a gap that ends here. What it names has left, so there is nothing to check.</summary>
    public Position Before(Gap gap) => this with { Sequence = gap.From - 1, Check = default };
}
