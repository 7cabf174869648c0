using System.Globalization;
using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// A loop over several mailboxes on one connection. The list says what is to be open; this makes the connection follow it, by
/// what the server answers. Each mailbox has its own place, window and acknowledgements.
/// </summary>
internal sealed class SeveralMailboxes : IReceiving
{
    private readonly WantedList _list;
    private readonly ReceiverLoop _loop;
    private readonly ListReceiverOptions _options;
    private readonly MailboxHttp _http;
    private readonly Action<Exception> _fail;
    private readonly AckPace _pace;
    private readonly Dictionary<string, ListTurn> _turns = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _leaving = [];
    private int _awaited;
    private bool _isConnected;
    private long _heard;

    /// <exception cref="MailboxReplacedException">The list has ended before.</exception>
    public SeveralMailboxes(WantedList list, ReceiverLoop loop, ListReceiverOptions options, MailboxHttp http, Action<Exception> fail)
    {
        (_list, _loop, _options, _http, _fail) = (list, loop, options, http, fail);
        _pace = AckPace.OfSeveral(options.Window, http.Time);
        if (list.LastLeft is { } mailbox)
        {
            throw new MailboxReplacedException(mailbox);
        }

        lock (list.Gate)
        {
            Follow();
        }
    }

    public string? Mailbox => null;

    // Of each a window before a reset and one after it.
    public int MostInFlight => ((2 * _options.Window) + 16) * WantedList.Most;

    public bool IsOpen { get; private set; }

    public MailboxException? End { get; private set; }

    public ITransport NewTransport(Uri address)
    {
        lock (_list.Gate)
        {
            Follow();
            foreach (var turn in _turns.Values)
            {
                turn.IsAwaited = !turn.Seat.IsGone;
                _awaited += turn.IsAwaited ? 1 : 0;
            }

            IsOpen = _awaited == 0;
            _heard = _http.Time.GetTimestamp();
        }

        var query = string.Create(CultureInfo.InvariantCulture, $"?ack=client&window={_options.Window}&receiver={_loop.Receiver}");
        return new ListTransport(_http, Opening.UriAt(address, MailboxRoutes.OpenMany + query), this);
    }

    /// <summary>Says what is to be opened and closed, as long as the connection lasts.</summary>
    /// <exception cref="IOException">The server does not answer.</exception>
    public async Task SpeakAsync(MailboxSocket socket, CancellationToken cancellation)
    {
        while (true)
        {
            foreach (var frame in NextFrames())
            {
                await socket.SayAsync(frame, cancellation).ConfigureAwait(false);
            }

            await _list.Changed.WaitAsync(UntilNext(), _http.Time, cancellation).ConfigureAwait(false);
        }
    }

    public Taken? Take(StreamEvent next, ITransport connection)
    {
        bool isConnected;
        Taken? taken;
        lock (_list.Gate)
        {
            _heard = _http.Time.GetTimestamp();
            taken = next.Mailbox is not null && _turns.TryGetValue(next.Mailbox, out var turn) ? Take(turn, next, connection) : null;
            isConnected = !_isConnected && _awaited == 0 && IsOpen;
            _isConnected |= isConnected;
        }

        if (isConnected)
        {
            _loop.Become(ReceiverState.Connected);
        }

        return taken;
    }

    public void Pause()
    {
        lock (_list.Gate)
        {
            (_awaited, _isConnected, IsOpen) = (0, false, false);
            var now = _http.Time.GetTimestamp();
            foreach (var turn in _turns.Values.Where(turn => turn.State != TurnState.Retiring))
            {
                turn.Pump.Pause();
                turn.LostAt = turn.State is TurnState.Open or TurnState.Closing ? now : turn.LostAt;
                (turn.State, turn.RetryAt, turn.IsAwaited) = (TurnState.Waiting, now, false);
                if (turn.Seat.IsGone)
                {
                    Retire(turn);
                }
            }
        }
    }

    public Task FlushAsync(TimeSpan time, CancellationToken cancellation) =>
        ForEachPumpAsync((pump, either) => pump.FlushAsync(time, either), cancellation);

    public async Task TryFlushAsync()
    {
        // As long as one attempt may take, for all of them.
        using var deadline = new CancellationTokenSource(_http.Options.AttemptTimeout, _http.Time);
        await ForEachPumpAsync((pump, _) => pump.TryFlushAsync(deadline.Token), CancellationToken.None).ConfigureAwait(false);
    }

    public void Leave()
    {
        lock (_list.Gate)
        {
            foreach (var turn in _turns.Values)
            {
                turn.Seat.Pump = null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] leaving;
        AckPump[] pumps;
        lock (_list.Gate)
        {
            leaving = [.. _leaving];
            pumps = [.. _turns.Values.Select(turn => turn.Pump)];
        }

        foreach (var pump in pumps)
        {
            await pump.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(leaving).ConfigureAwait(false);
    }

    private Taken? Take(ListTurn turn, StreamEvent next, ITransport connection)
    {
        switch (next.Control)
        {
            case ControlEvents.Open:
                turn.State = TurnState.Open;
                turn.Pump.Begin(connection, turn.Presented is null or "now" ? next.Cursor : turn.Presented);
                turn.Taker.Take(next);
                IsOpen = true;
                Answered(turn);
                return null;
            case ControlEvents.Replaced:
                return TakenOver(turn);
            case ControlEvents.Closed:
                Answered(turn);
                Wait(turn); // the same receiver opened it elsewhere: a connection of before, that was still being heard
                return null;
            case ControlEvents.Refused:
                Refused(turn, next.Reason ?? "");
                return null;
            case var _ when turn.Seat.IsGone:
                return null;
            default:
                turn.Backoff.Succeeded();
                return turn.Taker.Take(next) is { } taken ? new Taken(turn.Seat, taken) : null;
        }
    }

    private Taken? TakenOver(ListTurn turn)
    {
        Answered(turn);
        _turns.Remove(turn.Seat.Mailbox);
        LeaveLater(turn, flushes: false);
        _list.Changed.Raise();
        if (!_list.TakenOver(turn.Seat))
        {
            return null;
        }

        End = _list.LastLeft is { } mailbox ? new MailboxReplacedException(mailbox) : null;
        return new Taken(null, new MailboxLeft(turn.Seat.Mailbox, ControlEvents.Replaced));
    }

    private void Refused(ListTurn turn, string reason)
    {
        if (reason == OpenRefusal.NotOpen)
        {
            if (turn.State == TurnState.Closing)
            {
                Retire(turn);
            }

            return;
        }

        Answered(turn);
        var refusal = OpenRefusal.Of(turn.Seat.Mailbox, reason);
        if (!turn.Seat.IsGone &&
            ((!refusal.IsTransient && !(reason == OpenRefusal.TooMany && turn.NeedsRoom)) || _http.IsAwayTooLong(turn.LostAt)))
        {
            throw refusal;
        }

        Wait(turn);
        if (refusal.IsTransient && !_list.IsEmpty && !_turns.Values.Any(one => one.State is TurnState.Opening or TurnState.Open or TurnState.Closing))
        {
            throw refusal; // nothing is open here: another address may do better
        }
    }

    /// <summary>The server has said something of it: with that of all, the receiver is connected.</summary>
    private void Answered(ListTurn turn)
    {
        AwaitNoMore(turn);
        if (turn.Seat.IsGone)
        {
            _list.Changed.Raise();
        }
    }

    private void AwaitNoMore(ListTurn turn)
    {
        _awaited -= turn.IsAwaited ? 1 : 0;
        turn.IsAwaited = false;
    }

    /// <summary>It is not open, and to be opened after a while; or it is not wanted any more.</summary>
    private void Wait(ListTurn turn)
    {
        if (turn.Seat.IsGone)
        {
            Retire(turn);
            return;
        }

        turn.Pump.Pause();
        turn.LostAt = turn.State == TurnState.Open ? _http.Time.GetTimestamp() : turn.LostAt;
        turn.State = TurnState.Waiting;
        turn.RetryAt = _http.TimestampIn(turn.Backoff.Next(null));
        _list.Changed.Raise();
    }

    private void Retire(ListTurn turn)
    {
        AwaitNoMore(turn);
        turn.State = TurnState.Retiring;
        turn.Pump.Pause();
        LeaveLater(turn, flushes: true);
    }

    private void LeaveLater(ListTurn turn, bool flushes)
    {
        var leaving = Task.Run(() => LeaveAsync(turn, flushes));
        _leaving.RemoveWhere(task => task.IsCompleted);
        _leaving.Add(leaving);
    }

    /// <summary>From here on who acknowledges tells it himself; what is done with so far is told before it may be opened again.</summary>
    private async Task LeaveAsync(ListTurn turn, bool flushes)
    {
        await turn.Pump.DisposeAsync().ConfigureAwait(false);
        turn.Seat.Pump = null;
        if (!flushes)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(_http.Options.AttemptTimeout, _http.Time);
        await turn.Pump.TryFlushAsync(deadline.Token).ConfigureAwait(false);
        lock (_list.Gate)
        {
            _turns.Remove(turn.Seat.Mailbox);
        }

        _list.Changed.Raise();
    }

    /// <summary>Each of the list has its turn, once the one of before under its name is over.</summary>
    private void Follow()
    {
        foreach (var seat in _list.Seats)
        {
            if (!_turns.ContainsKey(seat.Mailbox))
            {
                seat.Acks.Begin(seat.Acks.Position);
                seat.Pump = new AckPump(seat, _loop.Receiver, _pace, _http, _fail);
                var now = _http.Time.GetTimestamp();
                _turns.Add(seat.Mailbox, new ListTurn(seat, seat.Pump, _http.NewBackoff()) { RetryAt = now, LostAt = now });
            }
        }
    }

    private List<string> NextFrames()
    {
        lock (_list.Gate)
        {
            Follow();
            var now = _http.Time.GetTimestamp();
            var (opens, closes) = (new List<string>(), new List<string>());
            foreach (var turn in _turns.Values)
            {
                var mailbox = turn.Seat.Mailbox;
                switch (turn.State)
                {
                    case TurnState.Waiting when turn.Seat.IsGone:
                        Retire(turn);
                        break;
                    case TurnState.Waiting when turn.RetryAt <= now:
                        (turn.State, turn.Presented) = (TurnState.Opening, turn.Seat.Cursor);
                        opens.Add(turn.Presented is { } place ? $$"""{"open":"{{mailbox}}","after":"{{place}}"}""" : $$"""{"open":"{{mailbox}}"}""");
                        break;
                    case TurnState.Open when turn.Seat.IsGone:
                        turn.State = TurnState.Closing;
                        closes.Add($$"""{"close":"{{mailbox}}"}""");
                        break;
                }
            }

            var hasLeaving = _turns.Values.Any(turn => turn.State is TurnState.Closing or TurnState.Retiring);
            foreach (var turn in _turns.Values.Where(turn => turn.State == TurnState.Opening))
            {
                turn.NeedsRoom |= hasLeaving;
            }

            _heard = opens.Count > 0 ? now : _heard;
            return [.. closes, .. opens];
        }
    }

    /// <summary>How long to wait for a change before it is time to look again.</summary>
    private TimeSpan UntilNext()
    {
        lock (_list.Gate)
        {
            var longest = TimeSpan.FromHours(1);
            if (_turns.Values.Any(turn => turn.State == TurnState.Opening))
            {
                longest = _http.Options.AttemptTimeout - _http.Time.GetElapsedTime(_heard);
                if (longest <= TimeSpan.Zero)
                {
                    throw new IOException($"No answer within {_http.Options.AttemptTimeout}.");
                }
            }

            var now = _http.Time.GetTimestamp();
            foreach (var turn in _turns.Values.Where(turn => turn.State == TurnState.Waiting))
            {
                var left = _http.Time.GetElapsedTime(now, turn.RetryAt);
                longest = left < longest ? left : longest;
            }

            return longest > TimeSpan.FromMilliseconds(1) ? longest : TimeSpan.FromMilliseconds(1);
        }
    }

    private Task ForEachPumpAsync(Func<AckPump, CancellationToken, Task> actAsync, CancellationToken cancellation)
    {
        AckPump[] pumps;
        lock (_list.Gate)
        {
            pumps = [.. _turns.Values.Select(turn => turn.Pump)];
        }

        return Parallel.ForEachAsync(
            pumps,
            new ParallelOptions { MaxDegreeOfParallelism = AckPace.Calls, CancellationToken = cancellation },
            async (pump, either) => await actAsync(pump, either).ConfigureAwait(false));
    }
}
