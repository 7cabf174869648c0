namespace Mailbox.Client;

/// <summary>How several mailboxes are received on one connection.</summary>
public sealed record ListReceiverOptions
{
    /// <summary>The most messages of each mailbox in flight, given and not acknowledged: 1 to 1000. So much is also held in memory, at most.</summary>
    public int Window { get; init; } = 100;

    /// <summary>Who acknowledges. Default: asking for the next message does.</summary>
    public AckMode Ack { get; init; } = AckMode.Automatic;

    /// <summary>
    /// Where mailboxes begin: <see cref="MailboxListReceiver.Cursors"/> of before, to go on as the same receiver; or <c>now</c> for
    /// only what comes. A mailbox that is not in it begins with the oldest message that was not acknowledged, and is taken over.
    /// Also for those that are opened later. The cursors are all of one receiver; give them to one receiver only.
    /// </summary>
    public IReadOnlyDictionary<string, string>? After { get; init; }
}
