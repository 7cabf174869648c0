namespace Mailbox.Client.Receiving;

/// <summary>How one mailbox of several stands on the connection.</summary>
internal enum TurnState
{
    /// <summary>To be opened, when it is time.</summary>
    Waiting,

    /// <summary>The server was asked, and has not answered.</summary>
    Opening,

    Open,

    /// <summary>The server was asked to close it, and has not answered.</summary>
    Closing,

    /// <summary>Closed; what is done with is still being told. Opened again before that, it would come once more.</summary>
    Retiring,
}

/// <summary>One mailbox of several in one loop. Guarded by the list's gate.</summary>
internal sealed class ListTurn(Seat seat, AckPump pump, Backoff backoff)
{
    public Seat Seat => seat;

    public AckPump Pump => pump;

    /// <summary>Between refusals that pass.</summary>
    public Backoff Backoff => backoff;

    public EventTaker Taker { get; } = new(seat);

    public TurnState State { get; set; }

    /// <summary>The place that it was opened with.</summary>
    public string? Presented { get; set; }

    /// <summary>A timestamp: not opened before.</summary>
    public long RetryAt { get; set; }

    /// <summary>A timestamp: since when it is not open.</summary>
    public long LostAt { get; set; }

    /// <summary>It was in the list when the connection began, and has not been answered.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>It was asked for while another was being closed: the server may not have had room for it yet.</summary>
    public bool NeedsRoom { get; set; }
}
