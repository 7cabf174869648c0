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
    private readonly ReceiverLoop _loop;
    private readonly MailboxHttp _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Taken> _events;
    private readonly IReceiving _receiving;
    private readonly Task _connecting;
    private Exception? _failure;

    /// <summary>
    /// The last connection brought a reset soon after it opened, and nothing else. A server that answers every open so would be
    /// asked without end if that counted as success.
    /// </summary>
    private bool _isBarren;

    public Reading(ReceiverLoop loop, MailboxHttp http, Func<Action<Exception>, IReceiving> begin)
    {
        (_loop, _http) = (loop, http);
        _receiving = begin(Fail);
        _events = Channel.CreateBounded<Taken>(_receiving.MostInFlight);
        _connecting = Task.Run(RunAsync);
    }

    /// <summary>
    /// The next event, or null when the receiver was disposed. What ends the receiver is thrown at once, before what is
    /// buffered: that is another's to receive now. Only which mailboxes have left is told before.
    /// </summary>
    public async ValueTask<MailboxEvent?> NextAsync(CancellationToken cancellation)
    {
        while (await _events.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            var hasFailed = Volatile.Read(ref _failure) is not null;
            if (!hasFailed && _stop.IsCancellationRequested)
            {
                break;
            }

            if (_events.Reader.TryRead(out var next) && (next.Seat is null || (!hasFailed && !next.Seat.IsGone)))
            {
                return next.Event;
            }
        }

        return Volatile.Read(ref _failure) is { } failure ? throw failure : null;
    }

    /// <summary>Until the server has answered the acknowledgement of all that is done with.</summary>
    public Task FlushAsync(CancellationToken cancellation) => _receiving.FlushAsync(_http.Options.SendRetryTime, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _connecting.ConfigureAwait(false);
        await _receiving.DisposeAsync().ConfigureAwait(false);
        await TryFlushAsync().ConfigureAwait(false);
        _loop.Become(ReceiverState.Closed);
    }

    /// <summary>At the end, or after it: tells what is done with and was not told. A mailbox that has ended for good has nothing to tell.</summary>
    public Task TryFlushAsync() => _failure is null || _receiving.Mailbox is null ? _receiving.TryFlushAsync() : Task.CompletedTask;

    /// <inheritdoc cref="IReceiving.Leave"/>
    public void Leave() => _receiving.Leave();

    private async Task RunAsync()
    {
        var backoff = _http.NewBackoff();
        var lost = _http.Time.GetTimestamp();
        _loop.Become(ReceiverState.Connecting);
        try
        {
            while (true)
            {
                var address = _http.Addresses.Current;
                var connection = _receiving.NewTransport(address);
                _isBarren = false;
                var (isOpen, reason) = await ConnectAsync(connection, address).ConfigureAwait(false);
                if (isOpen)
                {
                    lost = _http.Time.GetTimestamp();
                    if (!_isBarren)
                    {
                        backoff.Succeeded();
                    }

                    _loop.Become(ReceiverState.Reconnecting);
                }
                else if (_http.IsAwayTooLong(lost))
                {
                    throw reason as MailboxException ?? new MailboxException(0, null, $"The connection is lost. {reason?.Message}", reason);
                }

                _http.Addresses.Leave(address);
                var pause = backoff.Next(connection.RetryAfter ?? (reason as MailboxException)?.RetryAfter, _isBarren);
                ClientLog.Lost(_http.Log, _loop.Receiver, address, pause.TotalSeconds, reason?.Message ?? "The server ended the stream.");
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
    private async Task<(bool IsOpen, Exception? Reason)> ConnectAsync(ITransport connection, Uri address)
    {
        var isOpen = false;
        var opened = 0L;
        var (hasReset, hasMore) = (false, false);
        try
        {
            await foreach (var next in connection.ReadAsync(_stop.Token).ConfigureAwait(false))
            {
                var taken = _receiving.Take(next, connection);
                if (!isOpen && _receiving.IsOpen)
                {
                    (isOpen, opened) = (true, _http.Time.GetTimestamp());
                    ClientLog.Opened(_http.Log, _loop.Receiver, address);
                }

                if (taken is { } given)
                {
                    (hasReset, hasMore) = (hasReset || given.Event is MailboxReset, hasMore || given.Event is not MailboxReset);
                    await _events.Writer.WriteAsync(given, _stop.Token).ConfigureAwait(false);
                }

                if (_receiving.End is { } end)
                {
                    throw end;
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
            _receiving.Pause();
        }
    }

    private static bool IsPassing(Exception exception) => exception is
        MailboxException { IsTransient: true } or IOException or HttpRequestException or WebSocketException or OperationCanceledException;

    private void Fail(Exception exception)
    {
        var failure = exception switch
        {
            MailboxException { ProblemType: ProblemTypes.NotReceiver } refused and not MailboxReplacedException =>
                new MailboxReplacedException(refused.Mailbox ?? _receiving.Mailbox ?? "", refused),
            JsonException => new MailboxException(200, null, "What came cannot be read.", exception),
            _ => exception,
        };
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            ClientLog.Failed(_http.Log, _loop.Receiver, failure.Message);
            _loop.Become(ReceiverState.Closed);
        }

        _events.Writer.TryComplete();
        _stop.Cancel();
    }
}
