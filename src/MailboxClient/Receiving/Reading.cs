using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>
/// One loop over a receiver: keeps a connection open, comes back as the same receiver, and hands on what came, each message
/// once. It reads the connection also while the loop's body is busy: the server sends no more than the window beyond what was
/// acknowledged, so a slow body is not a slow reader.
/// </summary>
internal sealed class Reading : IAsyncDisposable
{
    private readonly MailboxReceiver _receiver;
    private readonly MailboxHttp _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<MailboxEvent> _events;
    private readonly EventTaker _taker;
    private readonly AckPump _pump;
    private readonly Task _connecting;
    private Exception? _failure;

    /// <summary>
    /// The last connection brought a reset soon after it opened, and nothing else. A server that answers every open so would be
    /// asked without end if that counted as success.
    /// </summary>
    private bool _isBarren;

    public Reading(MailboxReceiver receiver, MailboxHttp http)
    {
        (_receiver, _http) = (receiver, http);

        // A window before a reset and one after it. A server that sent more would be slowed down, and nothing dropped.
        _events = Channel.CreateBounded<MailboxEvent>((2 * receiver.Options.Window) + 16);
        _receiver.Acks.Begin(_receiver.Acks.Position);
        _taker = new EventTaker(receiver);
        _pump = new AckPump(receiver, http, Fail);
        _connecting = Task.Run(RunAsync);
    }

    /// <summary>
    /// The next event, or null when the receiver was disposed. What ends the receiver is thrown at once, before what is
    /// buffered: that is another's to receive now.
    /// </summary>
    public async ValueTask<MailboxEvent?> NextAsync(CancellationToken cancellation)
    {
        while (await _events.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (Volatile.Read(ref _failure) is not null || _stop.IsCancellationRequested)
            {
                break;
            }

            if (_events.Reader.TryRead(out var next))
            {
                return next;
            }
        }

        return Volatile.Read(ref _failure) is { } failure ? throw failure : null;
    }

    /// <summary>Until the server has answered the acknowledgement of all that is done with.</summary>
    public Task FlushAsync(CancellationToken cancellation) => _pump.FlushAsync(_http.Options.SendRetryTime, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _connecting.ConfigureAwait(false);
        await _pump.DisposeAsync().ConfigureAwait(false);
        await TryFlushAsync().ConfigureAwait(false);
        _receiver.Become(ReceiverState.Closed);
    }

    /// <summary>At the end, or after it: tells what is done with and was not told. What has ended for good has nothing to tell.</summary>
    public Task TryFlushAsync() => _failure is null ? _pump.TryFlushAsync() : Task.CompletedTask;

    private async Task RunAsync()
    {
        var backoff = _http.NewBackoff();
        var lost = _http.Time.GetTimestamp();
        _receiver.Become(ReceiverState.Connecting);
        try
        {
            while (true)
            {
                var address = _http.Addresses.Current;
                var place = _receiver.Cursor;
                var connection = NewTransport(address, place);
                _isBarren = false;
                var (isOpen, reason) = await ConnectAsync(connection, address, place).ConfigureAwait(false);
                if (isOpen)
                {
                    lost = _http.Time.GetTimestamp();
                    if (!_isBarren)
                    {
                        backoff.Succeeded();
                    }

                    _receiver.Become(ReceiverState.Reconnecting);
                }
                else if (HasTriedLongEnough(lost))
                {
                    throw reason as MailboxException ?? new MailboxException(0, null, $"The connection is lost. {reason?.Message}", reason);
                }

                _http.Addresses.Leave(address);
                var pause = backoff.Next(connection.RetryAfter ?? (reason as MailboxException)?.RetryAfter, _isBarren);
                ClientLog.Lost(_http.Log, _receiver.Receiver, address, pause.TotalSeconds, reason?.Message ?? "The server ended the stream.");
                await Task.Delay(pause, _http.Time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // However a connection that is being closed breaks: as a failure it would keep what is done with from being told.
            _events.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <returns>Whether the mailbox was open, and how the connection broke, if it did.</returns>
    private async Task<(bool IsOpen, Exception? Reason)> ConnectAsync(ITransport connection, Uri address, string? place)
    {
        var isOpen = false;
        var opened = 0L;
        var (hasReset, hasMore) = (false, false);
        try
        {
            await foreach (var next in connection.ReadAsync(_stop.Token).ConfigureAwait(false))
            {
                if (!isOpen)
                {
                    isOpen = true;
                    opened = _http.Time.GetTimestamp();

                    // Without a place of our own, the open's: told, it would acknowledge what waited before "now".
                    _pump.Begin(connection, place is null or "now" ? next.Cursor : place);
                    _receiver.Become(ReceiverState.Connected);
                    ClientLog.Opened(_http.Log, _receiver.Receiver, address);
                }

                if (_taker.Take(next) is { } taken)
                {
                    (hasReset, hasMore) = (hasReset || taken is MailboxReset, hasMore || taken is not MailboxReset);
                    await _events.Writer.WriteAsync(taken, _stop.Token).ConfigureAwait(false);
                }
            }

            return (isOpen, null);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested && IsPassing(exception))
        {
            return (isOpen, exception);
        }
        finally
        {
            _isBarren = hasReset && !hasMore && _http.Time.GetElapsedTime(opened) < _http.Options.MaxRetryDelay;
            _pump.Pause();
        }
    }

    private ITransport NewTransport(Uri address, string? place)
    {
        var open = new Opening(_http, address, _receiver.Mailbox, _receiver.Receiver, _receiver.Options.Window, place, _receiver.Acks);
        return (_receiver.Options.Transport ?? _http.Options.Transport) switch
        {
            MailboxTransport.WebSocket => new WebSocketTransport(open),
            MailboxTransport.LongPoll => new LongPollTransport(open),
            _ => new SseTransport(open),
        };
    }

    private bool HasTriedLongEnough(long since) =>
        _http.Options.ReconnectTime != Timeout.InfiniteTimeSpan && _http.Time.GetElapsedTime(since) >= _http.Options.ReconnectTime;

    private static bool IsPassing(Exception exception) => exception is
        MailboxException { IsTransient: true } or IOException or HttpRequestException or WebSocketException or OperationCanceledException;

    private void Fail(Exception exception)
    {
        var failure = exception switch
        {
            MailboxException { ProblemType: ProblemTypes.NotReceiver } refused and not MailboxReplacedException =>
                new MailboxReplacedException(_receiver.Mailbox, refused),
            JsonException => new MailboxException(200, null, "What came cannot be read.", exception),
            _ => exception,
        };
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            ClientLog.Failed(_http.Log, _receiver.Receiver, failure.Message);
            _receiver.Become(ReceiverState.Closed);
        }

        _events.Writer.TryComplete();
        _stop.Cancel();
    }
}
