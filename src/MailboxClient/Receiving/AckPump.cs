using System.Net.Http.Json;
using System.Net.WebSockets;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Client.Sending;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// Tells the server what is done with: one acknowledgement at a time, and each covers all that was done while the one before
/// was on its way. One that fails is repeated; a reconnect presents the same place, which acknowledges too.
/// </summary>
internal sealed class AckPump : IAsyncDisposable
{
    /// <summary>
    /// A frame on a WebSocket has no answer, and is lost when Redis is away at that moment. With the window full nothing would
    /// come that is acknowledged after it: so after this silence it is told again, in a way that is answered.
    /// </summary>
    private static readonly TimeSpan Unanswered = TimeSpan.FromSeconds(2);

    private readonly Seat _seat;
    private readonly string _receiver;
    private readonly AckPace _pace;
    private readonly MailboxHttp _http;
    private readonly Action<Exception> _fail;
    private readonly CancellationTokenSource _stop = new();
    private readonly Signal _signal = new();
    private readonly Task _running;
    private ITransport? _connection;
    private string? _told;
    private string? _confirmed;
    private bool _isSilent;

    public AckPump(Seat seat, string receiver, AckPace pace, MailboxHttp http, Action<Exception> fail)
    {
        (_seat, _receiver, _pace, _http, _fail) = (seat, receiver, pace, http, fail);
        _told = _confirmed = seat.Cursor;
        seat.Acks.Moved += _signal.Raise;
        _running = Task.Run(RunAsync);
    }

    /// <param name="connection">What is open now.</param>
    /// <param name="presented">The place that it was opened with, which acknowledges. What was told on the one before may be lost.</param>
    public void Begin(ITransport connection, string? presented)
    {
        Volatile.Write(ref _told, presented);
        Volatile.Write(ref _confirmed, presented);
        Volatile.Write(ref _connection, connection);
        _signal.Raise();
    }

    public void Pause() => Volatile.Write(ref _connection, null);

    /// <summary>Until the server has answered; tries again for this long.</summary>
    /// <exception cref="MailboxException">It could not be told.</exception>
    public async Task FlushAsync(TimeSpan time, CancellationToken cancellation)
    {
        if (_seat.Acks.Position is { } place && place != Volatile.Read(ref _confirmed))
        {
            await TellAsync(_http, _seat.Mailbox, place, time, cancellation).ConfigureAwait(false);
            Volatile.Write(ref _confirmed, place);
        }
    }

    /// <summary>At the end of a loop. What cannot be told is received again; thrown, it would come out of a <c>break</c>.</summary>
    public async Task TryFlushAsync(CancellationToken cancellation = default)
    {
        try
        {
            await FlushAsync(_http.Options.AttemptTimeout, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ClientLog.NotAcknowledged(_http.Log, _receiver, exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _seat.Acks.Moved -= _signal.Raise;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <summary>Acknowledges at any node, and tries again for this long.</summary>
    /// <exception cref="MailboxException">Refused, or not answered.</exception>
    public static Task TellAsync(MailboxHttp http, string mailbox, string cursor, TimeSpan time, CancellationToken cancellation) =>
        new Retry(http, time).RunAsync(address => PostAsync(http, address, mailbox, cursor, cancellation), cancellation);

    private static async Task<bool> PostAsync(MailboxHttp http, Uri address, string mailbox, string cursor, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, Opening.UriAt(address, MailboxRoutes.ForAck(mailbox)))
            {
                Content = JsonContent.Create(new AckRequest(cursor), ClientJsonContext.Default.AckRequest),
            },
            http.Options.AttemptTimeout,
            cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task RunAsync()
    {
        var backoff = _http.NewBackoff();
        try
        {
            while (true)
            {
                await WaitAsync().ConfigureAwait(false);
                while (_seat.Acks.Position is { } place && Volatile.Read(ref _connection) is { } connection &&
                    (place != _told || (_isSilent && place != _confirmed)))
                {
                    await TellAsync(_isSilent ? null : connection, place, backoff).ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            _fail(exception);
        }
    }

    /// <summary>Until something is done with; or what was told without an answer is to be told again.</summary>
    private async Task WaitAsync()
    {
        _isSilent = false;
        if (_told is null || _told == _confirmed)
        {
            await _signal.WaitAsync(_stop.Token).ConfigureAwait(false);
            return;
        }

        var told = _told;
        await _signal.WaitAsync(Unanswered, _http.Time, _stop.Token).ConfigureAwait(false);
        _isSilent = _seat.Acks.Position == told && _told == told;
    }

    /// <param name="connection">Null: by a call that is answered.</param>
    /// <param name="place">Everything up to here is done with.</param>
    /// <param name="backoff">After a failure.</param>
    private async Task TellAsync(ITransport? connection, string place, Backoff backoff)
    {
        bool isTold;
        try
        {
            isTold = connection is not null && await connection.TryAckAsync(_seat.Mailbox, place, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception broken) when (!_stop.IsCancellationRequested && broken is WebSocketException or
            ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is over; the next one presents the place. Said by the client itself, below, the same exceptions
            // are that it is disposed: caught there, the receiver would wait for ever.
            await Task.Delay(backoff.Next(null), _http.Time, _stop.Token).ConfigureAwait(false);
            return;
        }

        var address = _http.Addresses.Current;
        try
        {
            if (!isTold)
            {
                await _pace.CallAsync(() => PostAsync(_http, address, _seat.Mailbox, place, _stop.Token), _stop.Token).ConfigureAwait(false);
                Volatile.Write(ref _confirmed, place);
            }

            Volatile.Write(ref _told, place);
            backoff.Succeeded();
            await _pace.RestAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (MailboxException refused) when (refused.Status == 409)
        {
            // The stream tells why, by a takeover or a reset. What comes next has another place.
            Volatile.Write(ref _told, place);
            Volatile.Write(ref _confirmed, place);
            ClientLog.NotAcknowledged(_http.Log, _receiver, refused.Message);
        }
        catch (MailboxException passing) when (passing.IsTransient)
        {
            // Nobody else may leave it: the stream is on another address and well, and with the window full nothing is sent.
            _http.Addresses.Leave(address);
            ClientLog.NotAcknowledged(_http.Log, _receiver, passing.Message);
            await Task.Delay(backoff.Next(passing.RetryAfter), _http.Time, _stop.Token).ConfigureAwait(false);
        }
    }
}
