namespace Mailbox.Mailboxes;

/// <summary>What a client asked for when it opened.</summary>
internal sealed record OpenOptions
{
    public const int DefaultWindow = 100;
    public const int MaxWindow = 1000;

    public bool IsShared { get; init; }

    public AckMode Ack { get; init; }

    /// <summary>The most messages in flight, unacknowledged, with <see cref="AckMode.Client"/>.</summary>
    public int Window { get; init; } = DefaultWindow;

    public StartAt Start { get; init; }

    /// <summary>For <see cref="StartAt.Cursor"/>.</summary>
    public Cursor Cursor { get; init; }

    /// <summary>A new receiver's own choice of identity, else random.</summary>
    public Identifier Receiver { get; init; }

    /// <summary>What the right to be here rests on; the session ends with it.</summary>
    public Grant Grant { get; init; } = Grant.Everybody;

    /// <summary>How the receiver is connected, for operators.</summary>
    public string Transport { get; init; } = "";

    /// <summary>One poll of many: its receiver neither comes with it nor goes.</summary>
    public bool IsPoll { get; init; }

    /// <summary>One of several on a connection, which ends them together: its grant and its drain are the connection's.</summary>
    public bool IsOneOfMany { get; init; }

    /// <summary>The most messages of one batch.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>The same, with the receiver known before the open.</summary>
    public OpenOptions Settled() => this with
    {
        Receiver = Start == StartAt.Cursor ? Cursor.Receiver : Receiver.IsNone ? Identifier.Random() : Receiver,
    };
}
