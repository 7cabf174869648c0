namespace Mailbox.Mailboxes;

/// <summary>
/// When one session is due for what: plain due times in monotonic milliseconds, looked at by the node's one timer, so
/// that an idle session holds no timer of its own.
/// </summary>
internal sealed class SessionTimer
{
    private readonly SessionClock _clock;
    private readonly SessionSignal _signal;
    private long _heartbeatDue;
    private long _takeDue;
    private long _writeStarted;
    private long _drainDue = long.MaxValue;
    private long _deadlineDue = long.MaxValue;
    private long _expiryDue = long.MaxValue;

    public SessionTimer(SessionClock clock, SessionSignal signal)
    {
        _clock = clock;
        _signal = signal;
        Wrote();
        Took();
    }

    /// <summary>Cuts the client off: set by the transport, called when a flush misses the write deadline.</summary>
    public Action? CutOff { get; set; }

    /// <summary>Something was written: the next heartbeat is a whole one away.</summary>
    public void Wrote() => Volatile.Write(ref _heartbeatDue, Now + Milliseconds(_clock.Heartbeat));

    /// <summary>The store was asked: the next sweep is a whole one away, give or take a quarter.</summary>
    public void Took() => Volatile.Write(ref _takeDue, Now + Jitter(_clock.Sweep));

    /// <summary>The store failed: take again soon.</summary>
    public void RetrySoon() => Volatile.Write(ref _takeDue, Now + Jitter(_clock.Retry));

    /// <summary>A pause of the same length, for who cannot wait for a signal.</summary>
    public TimeSpan RetryPause() => TimeSpan.FromMilliseconds(Jitter(_clock.Retry));

    /// <summary>Take again at the latest after this time.</summary>
    public void TakeWithin(TimeSpan delay)
    {
        var due = Now + Milliseconds(delay);
        if (due < Volatile.Read(ref _takeDue))
        {
            Volatile.Write(ref _takeDue, due);
        }
    }

    /// <summary>A flush did not complete at once.</summary>
    public void WriteBegins() => Volatile.Write(ref _writeStarted, Now);

    public void WriteEnds() => Volatile.Write(ref _writeStarted, 0);

    /// <summary>
    /// The connection ended under a flush. After so long a time it was the reader who did not read: the system cuts it off after
    /// the write deadline, too, and may come first.
    /// </summary>
    public void WriteFails()
    {
        if (Interlocked.Exchange(ref _writeStarted, 0) is var started and not 0 && Now - started >= Milliseconds(_clock.WriteDeadline / 2))
        {
            NodeMetrics.SlowReadersCut.Add(1);
        }
    }

    public void DrainAfter(TimeSpan delay) => Volatile.Write(ref _drainDue, Now + Milliseconds(delay));

    public void EndAfter(TimeSpan wait) => Volatile.Write(ref _deadlineDue, Now + Milliseconds(wait));

    /// <summary>The right to be here ends after this time.</summary>
    public void ExpireAfter(TimeSpan delay) => Volatile.Write(ref _expiryDue, Now + Milliseconds(delay));

    /// <summary>Closes the connection, whatever is under way on it.</summary>
    public void CutOffNow()
    {
        try
        {
            CutOff?.Invoke();
        }
        catch (ObjectDisposedException)
        {
            // The request has just ended by itself; thrown in the node's one timer, this would end the process.
        }

        _signal.Raise(SessionReasons.Abort);
    }

    /// <summary>Called by the node's timer, a few times a second.</summary>
    public void Tick()
    {
        var now = Now;
        var started = Volatile.Read(ref _writeStarted);
        if (started != 0 && now - started > Milliseconds(_clock.WriteDeadline))
        {
            WriteFails();
            CutOffNow();
            return;
        }

        var reasons = SessionReasons.None;
        if (now >= Volatile.Read(ref _takeDue))
        {
            Took();
            reasons |= SessionReasons.Sweep;
        }

        if (now >= Volatile.Read(ref _heartbeatDue))
        {
            Wrote();
            reasons |= SessionReasons.Heartbeat;
        }

        if (now >= Volatile.Read(ref _drainDue))
        {
            reasons |= SessionReasons.Drain;
        }

        if (now >= Volatile.Read(ref _deadlineDue))
        {
            reasons |= SessionReasons.Deadline;
        }

        if (now >= Volatile.Read(ref _expiryDue))
        {
            reasons |= SessionReasons.Expired;
        }

        if (reasons != SessionReasons.None)
        {
            _signal.Raise(reasons);
        }
    }

    private static long Now => Environment.TickCount64;

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private static long Jitter(TimeSpan span) => (long)(span.TotalMilliseconds * (0.75 + (Random.Shared.NextDouble() / 2)));
}
