using System.Threading.Tasks.Sources;

namespace Mailbox.Mailboxes;

/// <summary>Every reason for a session to go on.</summary>
[Flags]
internal enum SessionReasons
{
    None = 0,

    /// <summary>Something may have come.</summary>
    Wake = 1,

    /// <summary>The stream was silent for a heartbeat.</summary>
    Heartbeat = 2,

    /// <summary>The node goes away.</summary>
    Drain = 4,

    /// <summary>The client is gone, or was cut off.</summary>
    Abort = 8,

    /// <summary>A long-poll has waited for as long as it was told to.</summary>
    Deadline = 16,

    /// <summary>A wake carried its message.</summary>
    Carried = 32,

    /// <summary>The right to be here has ended.</summary>
    Expired = 64,

    /// <summary>Nothing was heard for long enough to look.</summary>
    Sweep = 128,
}

/// <summary>
/// Where a session waits: reasons that come while it is busy are kept and coalesced. One waiter at a time; a wait
/// allocates nothing.
/// </summary>
internal sealed class SessionSignal : IValueTaskSource<SessionReasons>
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<SessionReasons> _core = new() { RunContinuationsAsynchronously = true };
    private SessionReasons _pending;
    private bool _isWaiting;

    public void Raise(SessionReasons reasons)
    {
        lock (_gate)
        {
            _pending |= reasons;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
            reasons = _pending;
            _pending = SessionReasons.None;
        }

        _core.SetResult(reasons);
    }

    /// <summary>What came since the last time, without waiting.</summary>
    public SessionReasons Poll()
    {
        lock (_gate)
        {
            var reasons = _pending;
            _pending = SessionReasons.None;
            return reasons;
        }
    }

    public ValueTask<SessionReasons> WaitAsync()
    {
        lock (_gate)
        {
            if (_pending != SessionReasons.None)
            {
                var reasons = _pending;
                _pending = SessionReasons.None;
                return ValueTask.FromResult(reasons);
            }

            _core.Reset();
            _isWaiting = true;
            return new ValueTask<SessionReasons>(this, _core.Version);
        }
    }

    SessionReasons IValueTaskSource<SessionReasons>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<SessionReasons>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SessionReasons>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
