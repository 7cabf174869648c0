namespace Mailbox.Mailboxes;

/// <summary>One mailbox of several on a connection: whose an event is, and where its session waits until it was flushed.</summary>
/// <param name="mailbox">Null for what is about the whole connection.</param>
/// <param name="index">Of the mailbox, in the places.</param>
/// <param name="places">Those of all mailboxes of the connection; null where the list changes, as they name a fixed one.</param>
internal sealed class SessionSeat(string? mailbox, int index, SessionPlaces? places)
{
    public string? Mailbox { get; } = mailbox;

    public int Index { get; } = index;

    public SessionPlaces? Places { get; } = places;

    /// <summary>Null until it is open.</summary>
    public Session? Session { get; set; }

    /// <summary>Raised once what the session told last was flushed, or will not be.</summary>
    public SessionSignal Flushed { get; } = new();

    /// <summary>The client asked for its end.</summary>
    public bool IsClosing { get; set; }

    /// <summary>Ends when the session has left the store.</summary>
    public Task Running { get; set; } = Task.CompletedTask;
}
