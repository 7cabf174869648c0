using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>What a client asks for when it opens several mailboxes on one connection.</summary>
/// <param name="Mailboxes">In the order of their names, so that the same list is the same however it is written.</param>
/// <param name="Asked">The same for each of them but where it begins.</param>
/// <param name="Places">
/// Null where none can be told: on a WebSocket, whose list changes, and for a list that was kept, which may be too long. There each mailbox has
/// a cursor of its own.
/// </param>
/// <param name="KeptAs">The id of the list that was kept, if it was.</param>
internal sealed record ManyOpening(IReadOnlyList<ListedMailbox> Mailboxes, OpenOptions Asked, SessionPlaces? Places, string? KeptAs = null)
{
    /// <summary>As the first of them is opened: what a ticket, which is for one mailbox, admits or does not.</summary>
    public OpenOptions First => Mailboxes is [var first, ..] ? Asked with { Start = first.Start, Cursor = first.Cursor } : Asked;
}
