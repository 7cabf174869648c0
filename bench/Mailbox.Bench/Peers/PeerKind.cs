namespace Mailbox.Bench.Peers;

/// <summary>Who is measured.</summary>
internal enum PeerKind
{
    Mailbox,

    /// <summary>Another build of the server, to tell what a change has done.</summary>
    Before,

    Nchan,
    SignalR,
    Floor,
}
