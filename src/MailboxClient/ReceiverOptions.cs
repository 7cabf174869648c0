namespace Mailbox.Client;

/// <summary>How a mailbox is received.</summary>
public sealed record ReceiverOptions
{
    /// <summary>The most messages in flight, given and not acknowledged: 1 to 1000. So much is also held in memory, at most.</summary>
    public int Window { get; init; } = 100;

    /// <summary>Who acknowledges. Default: asking for the next message does.</summary>
    public AckMode Ack { get; init; } = AckMode.Automatic;

    /// <summary>How messages come. Null: as the client's options say.</summary>
    public MailboxTransport? Transport { get; init; }

    /// <summary>
    /// Where to begin: a <see cref="MailboxReceiver.Cursor"/> of before, to go on as the same receiver; <c>now</c> for only what
    /// comes: what waited is acknowledged with the first that is, or when the connection comes back. Null: with the oldest
    /// message that was not acknowledged. Give one cursor to one receiver only.
    /// </summary>
    public string? After { get; init; }
}
