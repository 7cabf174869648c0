namespace Mailbox.Mailboxes;

/// <summary>
/// What a transport writes from: one session, or a set of several on one connection. It asks for the next event, writes it,
/// flushes and asks again, by which it says that everything before was flushed.
/// </summary>
internal interface IEventSource
{
    /// <summary>Reasons to go on that come from outside: a client that is gone.</summary>
    SessionSignal Signal { get; }

    /// <summary>Due times of the connection.</summary>
    SessionTimer Timer { get; }

    /// <summary>The next thing to write. Waits until there is one; after one that ends it there is no other.</summary>
    ValueTask<SessionEvent> NextAsync(CancellationToken cancellation);
}
