namespace Mailbox.Mailboxes;

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
