using Mailbox.Client.Http;

namespace Mailbox.Client.Receiving;

/// <summary>
/// What one loop makes of the list of mailboxes: each has its turn on the connection, and the server is told what to open and to
/// close until both are alike. Guarded by the list's gate.
/// </summary>
internal sealed class ListTurns(WantedList list, ReceiverLoop loop, AckPace pace, MailboxHttp http, Action<Exception> fail)
{
    private readonly Dictionary<string, ListTurn> _turns = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _leaving = [];
    private int _awaited;
    private long _heard;

    public IReadOnlyCollection<ListTurn> All => _turns.Values;

    /// <summary>Something is open here, or will be unless it is refused.</summary>
    public bool IsAnyThere => _turns.Values.Any(turn => turn.State is TurnState.Opening or TurnState.Open or TurnState.Closing);

    /// <summary>What was in the list when the connection began has not been answered yet.</summary>
    public bool IsAwaiting => _awaited > 0;

    /// <summary>What is told in the background of mailboxes that have left.</summary>
    public Task[] Leaving => [.. _leaving];

    public ListTurn? Find(string mailbox) => _turns.GetValueOrDefault(mailbox);

    /// <summary>A connection is begun.</summary>
    public void Begin()
    {
        Follow();
        foreach (var turn in _turns.Values)
        {
            turn.IsAwaited = !turn.Seat.IsGone;
            _awaited += turn.IsAwaited ? 1 : 0;
        }

        Hear();
    }

    /// <summary>The connection is over: all is to be opened again.</summary>
    public void Pause()
    {
        _awaited = 0;
        var now = http.Time.GetTimestamp();
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

    /// <summary>Something came.</summary>
    public void Hear() => _heard = http.Time.GetTimestamp();

    /// <summary>The server has said something of it: with that of all, the receiver is connected.</summary>
    public void Answered(ListTurn turn)
    {
        AwaitNoMore(turn);
        if (turn.Seat.IsGone)
        {
            list.Changed.Raise();
        }
    }

    /// <summary>It is not open, and to be opened after a while; or it is not wanted any more.</summary>
    public void Wait(ListTurn turn)
    {
        if (turn.Seat.IsGone)
        {
            Retire(turn);
            return;
        }

        turn.Pump.Pause();
        turn.LostAt = turn.State == TurnState.Open ? http.Time.GetTimestamp() : turn.LostAt;
        turn.State = TurnState.Waiting;
        turn.RetryAt = http.TimestampIn(turn.Backoff.Next(null));
        list.Changed.Raise();
    }

    /// <summary>It is closed, and leaves once what is done with was told.</summary>
    public void Retire(ListTurn turn)
    {
        AwaitNoMore(turn);
        turn.State = TurnState.Retiring;
        turn.Pump.Pause();
        LeaveLater(turn, flushes: true);
    }

    /// <summary>Another receiver has it: there is nothing to tell.</summary>
    public void Drop(ListTurn turn)
    {
        _turns.Remove(turn.Seat.Mailbox);
        LeaveLater(turn, flushes: false);
        list.Changed.Raise();
    }

    /// <summary>What to say now.</summary>
    public List<string> NextFrames()
    {
        lock (list.Gate)
        {
            Follow();
            var now = http.Time.GetTimestamp();
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
                        (turn.State, turn.Presented, turn.NeedsRoom) = (TurnState.Opening, turn.Seat.Cursor, false);
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
    /// <exception cref="IOException">The server does not answer.</exception>
    public TimeSpan UntilNext()
    {
        lock (list.Gate)
        {
            var longest = TimeSpan.FromHours(1);
            if (_turns.Values.Any(turn => turn.State == TurnState.Opening))
            {
                longest = http.Options.AttemptTimeout - http.Time.GetElapsedTime(_heard);
                if (longest <= TimeSpan.Zero)
                {
                    throw new IOException($"No answer within {http.Options.AttemptTimeout}.");
                }
            }

            var now = http.Time.GetTimestamp();
            foreach (var turn in _turns.Values.Where(turn => turn.State == TurnState.Waiting))
            {
                var left = http.Time.GetElapsedTime(now, turn.RetryAt);
                longest = left < longest ? left : longest;
            }

            return longest > TimeSpan.FromMilliseconds(1) ? longest : TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Each of the list has its turn, once the one of before under its name is over.</summary>
    private void Follow()
    {
        foreach (var seat in list.Seats)
        {
            if (!_turns.ContainsKey(seat.Mailbox))
            {
                seat.Acks.Begin(seat.Acks.Position);
                seat.Pump = new AckPump(seat, loop.Receiver, pace, http, fail);
                var now = http.Time.GetTimestamp();
                _turns.Add(seat.Mailbox, new ListTurn(seat, seat.Pump, http.NewBackoff()) { RetryAt = now, LostAt = now });
            }
        }
    }

    private void AwaitNoMore(ListTurn turn)
    {
        _awaited -= turn.IsAwaited ? 1 : 0;
        turn.IsAwaited = false;
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

        using var deadline = new CancellationTokenSource(http.Options.AttemptTimeout, http.Time);
        await turn.Pump.TryFlushAsync(deadline.Token).ConfigureAwait(false);
        lock (list.Gate)
        {
            _turns.Remove(turn.Seat.Mailbox);
        }

        list.Changed.Raise();
    }
}
