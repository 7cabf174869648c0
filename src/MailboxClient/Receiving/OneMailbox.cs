using Mailbox.Client.Http;

namespace Mailbox.Client.Receiving;

/// <summary>A loop over one mailbox.</summary>
internal sealed class OneMailbox : IReceiving
{
    private readonly Seat _seat;
    private readonly ReceiverLoop _loop;
    private readonly ReceiverOptions _options;
    private readonly MailboxHttp _http;
    private readonly EventTaker _taker;
    private readonly AckPump _pump;
    private string? _place;

    public OneMailbox(Seat seat, ReceiverLoop loop, ReceiverOptions options, MailboxHttp http, Action<Exception> fail)
    {
        (_seat, _loop, _options, _http) = (seat, loop, options, http);
        seat.Acks.Begin(seat.Acks.Position);
        _taker = new EventTaker(seat);
        _pump = seat.Pump = new AckPump(seat, loop.Receiver, AckPace.OfOne(options.Window, http.Time), http, fail);
    }

    public string? Mailbox => _seat.Mailbox;

    // A window before a reset and one after it. A server that sent more would be slowed down, and nothing dropped.
    public int MostInFlight => (2 * _options.Window) + 16;

    public bool IsOpen { get; private set; }

    public MailboxException? End => null;

    public ITransport NewTransport(Uri address)
    {
        _place = _seat.Cursor;
        var open = new Opening(_http, address, _seat.Mailbox, _loop.Receiver, _options.Window, _place, _seat.Acks);
        return (_options.Transport ?? _http.Options.Transport) switch
        {
            MailboxTransport.WebSocket => new WebSocketTransport(open),
            MailboxTransport.LongPoll => new LongPollTransport(open),
            _ => new SseTransport(open),
        };
    }

    public Taken? Take(StreamEvent next, ITransport connection)
    {
        if (!IsOpen)
        {
            IsOpen = true;

            // Without a place of our own, the open's: told, it would acknowledge what waited before "now".
            _pump.Begin(connection, _place is null or "now" ? next.Cursor : _place);
            _loop.Become(ReceiverState.Connected);
        }

        return _taker.Take(next) is { } taken ? new Taken(_seat, taken) : null;
    }

    public void Pause()
    {
        IsOpen = false;
        _pump.Pause();
    }

    public Task FlushAsync(TimeSpan time, CancellationToken cancellation) => _pump.FlushAsync(time, cancellation);

    public Task TryFlushAsync() => _pump.TryFlushAsync();

    public void Leave() => _seat.Pump = null;

    public ValueTask DisposeAsync() => _pump.DisposeAsync();
}
