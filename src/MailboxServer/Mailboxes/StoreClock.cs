namespace Mailbox.Mailboxes;

/// <summary>
/// How far this machine's clock is from the store's. A message's time is the store's, and a latency from there to here is
/// worth no more than the difference is known: every take tells the store's time, and half of what the call took is by how
/// much it may be wrong. The best of what was heard lately counts. With several stores (a cluster) it is the difference to
/// one of them. Thread-safe.
/// </summary>
internal sealed class StoreClock(TimeProvider time)
{
    /// <summary>What two clocks drift apart in a second, generously: what was heard long ago is worth less.</summary>
    private const double Drift = 0.0001;

    private readonly Lock _gate = new();
    private TimeSpan _offset;
    private TimeSpan _uncertainty = TimeSpan.MaxValue;
    private long _heard;

    /// <summary>This node's.</summary>
    public static StoreClock Shared { get; } = new(TimeProvider.System);

    /// <summary>By how much this machine's clock is ahead; zero before anything was heard.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_gate)
            {
                return _offset;
            }
        }
    }

    /// <summary>By how much <see cref="Offset"/> may be wrong; null before anything was heard.</summary>
    public TimeSpan? Uncertainty
    {
        get
        {
            lock (_gate)
            {
                return _uncertainty == TimeSpan.MaxValue ? null : UncertaintyNow;
            }
        }
    }

    private TimeSpan UncertaintyNow => _uncertainty + (time.GetElapsedTime(_heard) * Drift);

    /// <summary>The store has just answered a call that took so long with this time, in whole milliseconds.</summary>
    public void Hear(DateTimeOffset answered, TimeSpan call)
    {
        var uncertainty = (call / 2) + TimeSpan.FromMilliseconds(0.5);
        lock (_gate)
        {
            if (_uncertainty != TimeSpan.MaxValue && uncertainty > UncertaintyNow)
            {
                return;
            }

            _offset = time.GetUtcNow() - (call / 2) - answered - TimeSpan.FromMilliseconds(0.5);
            (_uncertainty, _heard) = (uncertainty, time.GetTimestamp());
        }
    }

    /// <summary>How long ago this was by the store's clock; never negative.</summary>
    public TimeSpan Since(DateTimeOffset stored) =>
        time.GetUtcNow() - Offset - stored is var since && since > TimeSpan.Zero ? since : TimeSpan.Zero;
}
