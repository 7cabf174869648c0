using System.Text;
using System.Threading.Channels;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Client.Sending;
using Mailbox.Contracts;

namespace Mailbox.Client;

/// <summary>
/// Gathers messages of many callers into few requests. For throughput into many mailboxes; one message alone is as quick by
/// <see cref="MailboxClient.SendAsync(string, ReadOnlyMemory{byte}, SendOptions?, CancellationToken)"/>.
/// </summary>
/// <remarks>
/// Thread-safe. Messages that one caller hands over one after the other to one mailbox are received in that order: one request
/// is under way at a time, and has one message for each mailbox at most.
/// </remarks>
public sealed class MailboxSender : IAsyncDisposable
{
    private readonly Deliveries _deliveries;
    private readonly MailboxSenderOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _retryTime;
    private readonly TimeSpan _patience;
    private readonly Channel<Waiting> _waiting;
    private readonly Task _sending;

    /// <summary>When the server had an answer for all of a request.</summary>
    private long _answered;

    /// <summary>What the last request ended with, if it had no answer for any of its messages, and when.</summary>
    private (MailboxException? Failure, long Since) _away;

    internal MailboxSender(MailboxHttp http, MailboxSenderOptions options)
    {
        options.Check();
        (_deliveries, _options, _time, _retryTime) = (new Deliveries(http), options, http.Time, http.Options.SendRetryTime);
        _patience = TimeSpan.FromTicks(Math.Max(_retryTime.Ticks, http.Options.AttemptTimeout.Ticks));
        _answered = _time.GetTimestamp();
        _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Capacity) { SingleReader = true });
        _sending = Task.Run(RunAsync);
    }

    /// <summary>Hands a message over, waits for room if need be, and then for its result.</summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="body">At most what the server allows, 65,536 bytes by default. Not to be changed until this returns.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Before there was room: nothing is sent. Afterwards: gives up waiting, and the message is sent.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">Not a mailbox name; or an option that no header can carry.</exception>
    /// <exception cref="MailboxException">This message was refused, or nobody answered for as long as the client's options retry.</exception>
    /// <exception cref="ObjectDisposedException">The sender is disposed.</exception>
    public async Task<DeliveryResult> SendAsync(
        string mailbox, ReadOnlyMemory<byte> body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        MailboxClient.CheckName(mailbox);
        options = (options ?? MailboxClient.NoOptions).Checked();
        var waiting = new Waiting(mailbox, body, options, options.KeyOrRandom);
        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancellationToken).ConfigureAwait(false);
            waiting.Accepted = _time.GetTimestamp();
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(MailboxSender));
        }

        return await waiting.Result.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As the other, with text: UTF-8, as <c>text/plain; charset=utf-8</c> unless the options say otherwise.</summary>
    /// <inheritdoc cref="SendAsync(string, ReadOnlyMemory{byte}, SendOptions?, CancellationToken)"/>
    public Task<DeliveryResult> SendAsync(
        string mailbox, string text, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(mailbox, Encoding.UTF8.GetBytes(text), MailboxClient.AsText(options), cancellationToken);

    /// <summary>
    /// Takes no more messages, sends what waits, and returns when all have their result. While the server is away that is at
    /// most about <see cref="MailboxClientOptions.SendRetryTime"/>, whatever waits: each message's time began when it was accepted.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _sending.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var held = default(Waiting);
        var batch = new List<Waiting>();
        while (held is not null || await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            try
            {
                held = await GatherAsync(batch, held).ConfigureAwait(false);
                batch.RemoveAll(IsGivenUp);
                if (batch.Count > 0)
                {
                    await SendAsync(batch).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                // Nobody else tells those who wait.
                FailAll(held is null ? batch : [.. batch, held], exception);
                held = null;
            }

            batch.Clear();
        }
    }

    private void FailAll(List<Waiting> some, Exception exception)
    {
        while (_waiting.Reader.TryRead(out var next))
        {
            some.Add(next);
        }

        some.ForEach(one => one.Result.TrySetException(exception));
    }

    /// <summary>
    /// Waited for longer than it is tried, while the server did not answer. Tried for its whole time after those before it, the
    /// last of many would keep the sender from ending for hours. What was accepted later is tried: the server may be back.
    /// </summary>
    private bool IsGivenUp(Waiting one) =>
        _away.Failure is { } failure && one.Accepted is > 0 and var accepted && accepted <= _away.Since &&
        _time.GetElapsedTime(Math.Max(accepted, _answered)) >= _patience && one.Result.TrySetException(failure);

    /// <summary>How long it is tried again: it began when it was accepted, or when the server answered last.</summary>
    private TimeSpan LeftOf(Waiting one)
    {
        var accepted = one.Accepted;
        var left = _retryTime - (accepted == 0 ? TimeSpan.Zero : _time.GetElapsedTime(Math.Max(accepted, _answered)));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <param name="batch">What is gathered goes here.</param>
    /// <param name="first">What was not for the batch before.</param>
    /// <returns>The first message that is not for this batch.</returns>
    private async Task<Waiting?> GatherAsync(List<Waiting> batch, Waiting? first)
    {
        var mailboxes = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0;
        using var over = new CancellationTokenSource(_options.BatchDelay, _time);
        while (batch.Count < _options.BatchSize)
        {
            var next = first;
            first = null;
            if (next is null && !_waiting.Reader.TryRead(out next))
            {
                if (_options.BatchDelay == TimeSpan.Zero || !await HasMoreAsync(over.Token).ConfigureAwait(false))
                {
                    break;
                }

                continue;
            }

            bytes += next.Body.Length;
            if ((bytes > _options.BatchBytes && batch.Count > 0) || !mailboxes.Add(next.Mailbox))
            {
                return next;
            }

            batch.Add(next);
        }

        return null;
    }

    private async Task<bool> HasMoreAsync(CancellationToken over)
    {
        try
        {
            return await _waiting.Reader.WaitToReadAsync(over).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task SendAsync(List<Waiting> batch)
    {
        try
        {
            await ClientDiagnostics.SendingAsync(null, batch.Count, () => SendManyAsync(batch)).ConfigureAwait(false);
            Answered(batch);
        }
        catch (MailboxException refused) when (!refused.IsTransient && batch.Count > 1)
        {
            // The server refuses a request as a whole when one message in it is wrong: each by itself, then. Some may have their
            // result from an earlier round.
            foreach (var one in batch.Where(one => !one.Result.Task.IsCompleted))
            {
                await SendAsync([one]).ConfigureAwait(false);
            }

            return;
        }
        catch (Exception exception)
        {
            _away = (exception is MailboxException { IsTransient: true } away ? away : null, _time.GetTimestamp());
            batch.ForEach(one => one.Result.TrySetException(exception));
        }

        batch.ForEach(one => one.Settle());
    }

    /// <summary>With a Redis that is away the request has an answer, and no message in it.</summary>
    private void Answered(List<Waiting> batch)
    {
        var open = batch.FindAll(one => !one.Result.Task.IsCompleted);
        _away = (open.Count == batch.Count ? open[^1].Failure : null, _time.GetTimestamp());
        if (open.Count == 0)
        {
            _answered = _time.GetTimestamp();
        }
    }

    private async Task<DeliveryResult?> SendManyAsync(List<Waiting> batch)
    {
        var time = batch.Max(LeftOf);
        if (batch is [var one])
        {
            one.Answer = null;
            var result = await _deliveries.SendAsync(one.Mailbox, one.Body, one.Options, one.Key, CancellationToken.None, time).ConfigureAwait(false);
            one.Result.TrySetResult(result);
            return result;
        }

        await _deliveries.SendAsync(batch, (message, answer) => ((Waiting)message).Take(answer), time, CancellationToken.None).ConfigureAwait(false);
        return null;
    }
}
