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
    private readonly ListTurns _turns;
    private bool _isConnected;

    /// <exception cref="MailboxReplacedException">The list has ended before.</exception>
    public SeveralMailboxes(WantedList list, ReceiverLoop loop, ListReceiverOptions options, MailboxHttp http, Action<Exception> fail)
    {
        (_list, _loop, _options, _http) = (list, loop, options, http);
        _turns = new ListTurns(list, loop, AckPace.OfSeveral(options.Window, http.Time), http, fail);
        if (list.LastLeft is { } mailbox)
        {
            throw new MailboxReplacedException(mailbox);
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
            _turns.Begin();
            IsOpen = !_turns.IsAwaiting; // of nothing, all is
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
            foreach (var frame in _turns.NextFrames())
            {
                await socket.SayAsync(frame, cancellation).ConfigureAwait(false);
            }

            await _list.Changed.WaitAsync(_turns.UntilNext(), _http.Time, cancellation).ConfigureAwait(false);
        }
    }

    public Taken? Take(StreamEvent next, ITransport connection)
    {
        bool isConnected;
        Taken? taken;
        lock (_list.Gate)
        {
            _turns.Hear();
            taken = next.Mailbox is not null && _turns.Find(next.Mailbox) is { } turn ? Take(turn, next, connection) : null;
            isConnected = !_isConnected && !_turns.IsAwaiting && IsOpen;
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
            (_isConnected, IsOpen) = (false, false);
            _turns.Pause();
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
            foreach (var turn in _turns.All)
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
            leaving = _turns.Leaving;
            pumps = [.. _turns.All.Select(turn => turn.Pump)];
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
                _turns.Answered(turn);
                return null;
            case ControlEvents.Replaced:
                return TakenOver(turn);
            case ControlEvents.Closed:
                _turns.Answered(turn);
                _turns.Wait(turn); // the same receiver opened it elsewhere: a connection of before, that was still being heard
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
        _turns.Answered(turn);
        _turns.Drop(turn);
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
                _turns.Retire(turn);
            }

            return;
        }

        _turns.Answered(turn);
        var refusal = OpenRefusal.Of(turn.Seat.Mailbox, reason);
        if (!turn.Seat.IsGone &&
            ((!refusal.IsTransient && !(reason == OpenRefusal.TooMany && turn.NeedsRoom)) || _http.IsAwayTooLong(turn.LostAt)))
        {
            throw refusal;
        }

        _turns.Wait(turn);
        if (refusal.IsTransient && !_list.IsEmpty && !_turns.IsAnyThere)
        {
            throw refusal; // nothing is open here: another address may do better
        }
    }

    private Task ForEachPumpAsync(Func<AckPump, CancellationToken, Task> actAsync, CancellationToken cancellation)
    {
        AckPump[] pumps;
        lock (_list.Gate)
        {
            pumps = [.. _turns.All.Select(turn => turn.Pump)];
        }

        return Parallel.ForEachAsync(
            pumps,
            new ParallelOptions { MaxDegreeOfParallelism = AckPace.Calls, CancellationToken = cancellation },
            async (pump, either) => await actAsync(pump, either).ConfigureAwait(false));
    }
}
