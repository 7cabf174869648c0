namespace Mailbox.Contracts;

/// <summary>Everything up to this cursor is received.</summary>
/// <param name="Cursor">A cursor that the receiver was given with a message.</param>
public sealed record AckRequest(string Cursor);
