namespace Mailbox.Mailboxes;

/// <summary>Mailboxes that one receiver opens together.</summary>
/// <param name="Mailboxes">In the order of their names, each once.</param>
/// <param name="Receiver">Of them all.</param>
internal sealed record OpenList(IReadOnlyList<ListedMailbox> Mailboxes, Identifier Receiver);

/// <summary>One mailbox of a list, and where it begins.</summary>
internal readonly record struct ListedMailbox(string Name, StartAt Start, Cursor Cursor = default);
