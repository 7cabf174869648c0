using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>
/// Where groups are kept: who is a member, what was delivered to all of them and has not reached all yet, and who works on
/// that. Every call throws <see cref="StoreException"/> when the store cannot answer.
/// </summary>
internal interface IGroupStore
{
    /// <param name="group">The group.</param>
    /// <param name="mailbox">The member.</param>
    /// <param name="life">How long it is one; null for ever.</param>
    /// <param name="cancellation">Gives up waiting for the answer.</param>
    ValueTask<GroupJoined> JoinAsync(string group, string mailbox, TimeSpan? life, CancellationToken cancellation);

    /// <summary>False when it was no member.</summary>
    ValueTask<bool> LeaveAsync(string group, string mailbox, CancellationToken cancellation);

    /// <summary>Null when there is no such group.</summary>
    /// <exception cref="FormatException">The cursor is not one that this call gave.</exception>
    ValueTask<GroupInfo?> ReadAsync(string group, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>A page of the names that begin so.</summary>
    /// <exception cref="FormatException">The cursor is not one that this call gave.</exception>
    ValueTask<GroupList> ListAsync(string prefix, string? cursor, CancellationToken cancellation);

    /// <summary>Removes the members, and what has not reached them yet.</summary>
    ValueTask RemoveAsync(string group, CancellationToken cancellation);

    /// <summary>Puts a delivery into the group's outbox, from where a node takes it to all members.</summary>
    ValueTask<GroupAccepted> DeliverAsync(string group, Delivery delivery, bool keepsResults, CancellationToken cancellation);

    /// <summary>Null when there is no such delivery, or none any more.</summary>
    ValueTask<GroupState?> FindAsync(string group, string id, CancellationToken cancellation);

    /// <param name="group">The group.</param>
    /// <param name="id">The delivery.</param>
    /// <param name="pages">How many pages to pass over.</param>
    /// <param name="cancellation">Gives up waiting for the answer.</param>
    ValueTask<GroupResults> ResultsAsync(string group, string id, int pages, CancellationToken cancellation);

    /// <summary>Notes what was done, and tells what is next. The first call of a node asks for the group's work.</summary>
    ValueTask<GroupTurn> TurnAsync(string group, GroupDone? done, CancellationToken cancellation);

    /// <summary>Gives up the group's work, so that another node goes on at once.</summary>
    ValueTask YieldAsync(string group, CancellationToken cancellation);

    /// <summary>The groups in whose outbox something waits.</summary>
    ValueTask<IReadOnlyList<string>> WaitingAsync(CancellationToken cancellation);
}
