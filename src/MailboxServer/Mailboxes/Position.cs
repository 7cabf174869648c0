namespace Mailbox.Mailboxes;

/// <summary>
/// A place in a mailbox: the message up to which a reader has read. The check tells that message from any other that a
/// failover may have put at the same sequence. Sequence 0 is the place before the first message.
/// </summary>
internal readonly record struct Position(Identifier Generation, long Sequence, Identifier Check);
