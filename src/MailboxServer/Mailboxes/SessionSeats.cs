using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>Opens one mailbox of several; null when another receiver is present and the cursor's was superseded.</summary>
/// <exception cref="StoreException">The store or its wake path does not answer.</exception>
internal delegate ValueTask<Session?> OpenSession(string mailbox, OpenOptions asked, CancellationToken cancellation);

/// <summary>
/// The sessions of one connection, by their mailboxes. Each runs by itself, so that none waits for another's store: it hands
/// over one event, waits until that was flushed, and looks for the next. Thread-safe but for the disposal.
/// </summary>
/// <param name="open">How a mailbox is opened.</param>
/// <param name="tell">Takes what a session has found, on any thread.</param>
/// <param name="fail">Takes what no session should throw, on any thread.</param>
internal sealed class SessionSeats(OpenSession open, Action<SessionEvent> tell, Action<Exception> fail) : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SessionSeat> _seats = new(StringComparer.Ordinal);
    private readonly HashSet<SessionSeat> _running = [];
    private SessionReasons _ending;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _seats.Count == 0;
            }
        }
    }

    /// <summary>Those whose sessions are open already, in this order.</summary>
    public void Begin(IEnumerable<SessionSeat> opened)
    {
        lock (_gate)
        {
            foreach (var seat in opened)
            {
                Run(seat, () => PassOnAsync(seat, seat.Session!));
            }
        }
    }

    /// <summary>Null when the mailbox is being opened, which is told; else the reason why it is not.</summary>
    public string? TryOpen(string mailbox, OpenOptions asked)
    {
        lock (_gate)
        {
            if (_ending != SessionReasons.None)
            {
                return WordOf(ProblemTypes.Draining);
            }

            if (_seats.ContainsKey(mailbox))
            {
                return "already-open";
            }

            if (_seats.Count >= SessionSet.MostMailboxes)
            {
                return "too-many-mailboxes";
            }

            var seat = new SessionSeat(mailbox, index: 0, places: null);
            Run(seat, () => OpenAndPassOnAsync(seat, asked));
            return null;
        }
    }

    /// <summary>False when the mailbox is not open here. Its session tells when it has ended.</summary>
    public bool TryClose(string mailbox)
    {
        lock (_gate)
        {
            if (!_seats.TryGetValue(mailbox, out var seat) || seat.Session is null)
            {
                return false;
            }

            seat.IsClosing = true;
            seat.Session.Signal.Raise(SessionReasons.Abort);
            return true;
        }
    }

    /// <summary>Null when it is not open here.</summary>
    public Session? Find(string mailbox)
    {
        lock (_gate)
        {
            return _seats.GetValueOrDefault(mailbox)?.Session;
        }
    }

    /// <summary>False when it was not here.</summary>
    public bool Remove(SessionSeat seat)
    {
        lock (_gate)
        {
            return _seats.GetValueOrDefault(seat.Mailbox!) == seat && _seats.Remove(seat.Mailbox!);
        }
    }

    /// <summary>Every session ends for this reason once what it has was flushed; no other is opened.</summary>
    public void EndAll(SessionReasons reason)
    {
        lock (_gate)
        {
            _ending = reason;
            foreach (var (_, seat) in _seats)
            {
                seat.Session?.Signal.Raise(reason);
            }
        }
    }

    /// <summary>Ends every session; each leaves the store as far as it answers. Nothing is opened meanwhile.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        SessionSeat[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        foreach (var seat in running)
        {
            seat.Flushed.Raise(SessionReasons.Abort);
            seat.Session?.Signal.Raise(SessionReasons.Abort);
        }

        await Task.WhenAll(running.Select(seat => seat.Running));
        _over.Dispose();
    }

    private static string WordOf(string problemType) => problemType[ProblemTypes.Prefix.Length..];

    private static string WordOf(StoreFault fault) => WordOf(fault switch
    {
        StoreFault.Full => ProblemTypes.StoreFull,
        StoreFault.TenantFull => ProblemTypes.TenantFull,
        StoreFault.Conflict => ProblemTypes.StoreConflict,
        _ => ProblemTypes.StoreUnavailable,
    });

    /// <summary>Under the gate.</summary>
    private void Run(SessionSeat seat, Func<Task> running)
    {
        _seats.Add(seat.Mailbox!, seat);
        _running.Add(seat);
        seat.Running = RunAsync(seat, running);
    }

    private async Task RunAsync(SessionSeat seat, Func<Task> running)
    {
        try
        {
            await running();
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // The connection is over.
        }
        catch (Exception exception)
        {
            fail(exception);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(seat);
            }
        }
    }

    private async Task OpenAndPassOnAsync(SessionSeat seat, OpenOptions asked)
    {
        await Task.Yield(); // out of the gate
        try
        {
            if (await open(seat.Mailbox!, asked, _over.Token) is not { } session)
            {
                tell(SessionEvent.Of(SessionEventKind.Replaced, default) with { Seat = seat });
                return;
            }

            lock (_gate)
            {
                seat.Session = session;
                session.Signal.Raise(_ending);
            }
        }
        catch (StoreException exception)
        {
            tell(SessionEvent.Of(SessionEventKind.Refused, default) with { Seat = seat, Reason = WordOf(exception.Fault) });
            return;
        }

        await PassOnAsync(seat, seat.Session);
    }

    private async Task PassOnAsync(SessionSeat seat, Session session)
    {
        await using (session)
        {
            while (true)
            {
                var next = await session.NextAsync(_over.Token);
                if (next.Kind == SessionEventKind.Heartbeat)
                {
                    continue; // the connection has its own
                }

                tell(next with { Seat = seat });
                var isGone = (await seat.Flushed.WaitAsync()).HasFlag(SessionReasons.Abort);
                if (isGone || next.EndsSession)
                {
                    return;
                }
            }
        }
    }
}
