namespace Mailbox.Transports;

/// <summary>Opens and closes mailboxes on a connection that is open. The connection tells what came of it.</summary>
internal interface ILiveList
{
    /// <param name="mailbox">Any text: what is no name is refused.</param>
    /// <param name="after">A cursor of the connection's receiver, <c>now</c>, or null for the oldest kept.</param>
    void Open(string mailbox, string? after);

    void Close(string mailbox);
}
