namespace Mailbox.Mailboxes;

/// <summary>Mailboxes that one receiver opens together.</summary>
/// <param name="Mailboxes">In the order of their names, each once.</param>
/// <param name="Receiver">Of them all.</param>
internal sealed record OpenList(IReadOnlyList<ListedMailbox> Mailboxes, Identifier Receiver);

/// <summary>One mailbox of a list, and where it begins.</summary>
internal readonly record struct ListedMailbox(string Name, StartAt Start, Cursor Cursor = default);

/// <summary>Keeps lists that are too long for a URL where every node finds them.</summary>
internal interface IOpenLists
{
    /// <summary>From now on the list is found by its id, for so long.</summary>
    /// <exception cref="StoreException">No answer in time, or the store is full.</exception>
    ValueTask KeepAsync(string id, OpenList list, TimeSpan life, CancellationToken cancellation);

    /// <summary>Null when there is none, or none any more.</summary>
    /// <exception cref="StoreException">No answer in time.</exception>
    ValueTask<OpenList?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>It was opened. While the store does not answer it ends by itself.</summary>
    Task ForgetAsync(string id);
}
