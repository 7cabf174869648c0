using System.Collections.Concurrent;

namespace Mailbox.Mailboxes;

/// <summary>
/// The sessions of this node, the connections that carry several of them, and the one timer that looks at them all, four times
/// a second. What ends a connection, a drain or the end of its right, is told to it alone and not to each of its sessions.
/// </summary>
internal sealed class SessionRegistry : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>What one take costs a busy machine, several times over: 4,000 a second.</summary>
    private static readonly TimeSpan WakeEvery = TimeSpan.FromMilliseconds(0.25);

    private readonly ConcurrentDictionary<Session, bool> _sessions = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<SessionSet, bool> _sets = new(ReferenceEqualityComparer.Instance);
    private readonly Timer _timer;
    private volatile bool _isDraining;
    private int _leaving;

    public SessionRegistry(SessionClock clock)
    {
        Clock = clock;
        _timer = new Timer(_ => TickAll(), null, Tick, Tick);
    }

    /// <summary>A session was opened, or ended. On the session's own way: what listens must not wait.</summary>
    public event Action<Session>? Opened, Closed;

    public SessionClock Clock { get; }

    /// <summary>Open mailboxes: a connection of several counts as so many.</summary>
    public int Count => _sessions.Count;

    public void Add(Session session)
    {
        _sessions[session] = true;
        Opened?.Invoke(session);
        if (!session.Options.IsOneOfMany)
        {
            DrainIfDraining(session.Timer);
        }
    }

    public void Add(SessionSet set)
    {
        _sets[set] = true;
        DrainIfDraining(set.Timer);
    }

    public void Remove(SessionSet set) => _sets.TryRemove(set, out _);

    /// <summary>The session ends; a drain waits until <see cref="Left"/> says that the store knows.</summary>
    public void Remove(Session session)
    {
        Interlocked.Increment(ref _leaving);
        _sessions.TryRemove(session, out _);
        Closed?.Invoke(session);
    }

    public void Left() => Interlocked.Decrement(ref _leaving);

    /// <summary>
    /// The store or its wake path is back: everyone looks again, spread over as long as the store needs for so many. All at
    /// once, they would miss their deadlines and take it for away again.
    /// </summary>
    public void WakeAll()
    {
        var spread = _sessions.Count * WakeEvery;
        foreach (var (session, _) in _sessions)
        {
            if (spread < Tick)
            {
                session.Signal.Raise(SessionReasons.Wake);
            }
            else
            {
                session.Timer.TakeWithin(spread * Random.Shared.NextDouble());
            }
        }
    }

    /// <summary>Ends the connections whose right to be here is gone, those too that have no mailbox at the moment.</summary>
    public void Expire(Func<Grant, bool> isGone)
    {
        foreach (var (timer, grant) in Connections())
        {
            if (isGone(grant))
            {
                timer.ExpireAfter(TimeSpan.Zero);
            }
        }
    }

    /// <summary>
    /// Ends every connection, spread evenly at random over the window, and waits until they have gone and left the store. A client that does not
    /// read its goodbye is cut off when the patience is over: its connection would hold up the exit.
    /// </summary>
    public async Task DrainAsync(TimeSpan window, TimeSpan patience)
    {
        _isDraining = true;
        foreach (var (timer, _) in Connections())
        {
            timer.DrainAfter(window * Random.Shared.NextDouble());
        }

        var until = Environment.TickCount64 + (long)(window + patience).TotalMilliseconds;
        while ((!_sessions.IsEmpty || !_sets.IsEmpty || Volatile.Read(ref _leaving) > 0) && Environment.TickCount64 < until)
        {
            await Task.Delay(20);
        }

        foreach (var (timer, _) in Connections())
        {
            timer.CutOffNow();
        }
    }

    /// <summary>When it returns, no session is looked at any more.</summary>
    public void Dispose()
    {
        using var over = new ManualResetEvent(initialState: false);
        if (_timer.Dispose(over))
        {
            over.WaitOne();
        }
    }

    private void TickAll()
    {
        foreach (var (session, _) in _sessions)
        {
            session.Timer.Tick();
        }

        foreach (var (set, _) in _sets)
        {
            set.Timer.Tick();
        }
    }

    private IEnumerable<(SessionTimer Timer, Grant Grant)> Connections() =>
        _sessions.Keys.Where(session => !session.Options.IsOneOfMany).Select(session => (session.Timer, session.Options.Grant))
            .Concat(_sets.Keys.Select(set => (set.Timer, set.Grant)));

    /// <summary>For what was opened in the moment in which the drain began.</summary>
    private void DrainIfDraining(SessionTimer timer)
    {
        if (_isDraining)
        {
            timer.DrainAfter(TimeSpan.Zero);
        }
    }
}
