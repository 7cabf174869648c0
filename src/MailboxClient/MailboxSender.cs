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
    private readonly Channel<Waiting> _waiting;
    private readonly Task _sending;

    internal MailboxSender(MailboxHttp http, MailboxSenderOptions options)
    {
        options.Check();
        (_deliveries, _options, _time) = (new Deliveries(http), options, http.Time);
        _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Capacity) { SingleReader = true });
        _sending = Task.Run(RunAsync);
    }

    /// <summary>Hands a message over, waits for room if need be, and then for its result.</summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="MailboxName"/>.</param>
    /// <param name="body">At most what the server allows, 65,536 bytes by default. Not to be changed until this returns.</param>
    /// <param name="options">What the message carries beside its body.</param>
    /// <param name="cancellationToken">Before there was room: nothing is sent. Afterwards: gives up waiting, and the message is sent.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">Not a mailbox name.</exception>
    /// <exception cref="MailboxException">This message was refused, or nobody answered for as long as the client's options retry.</exception>
    /// <exception cref="ObjectDisposedException">The sender is disposed.</exception>
    public async Task<DeliveryResult> SendAsync(
        string mailbox, ReadOnlyMemory<byte> body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        MailboxClient.CheckName(mailbox);
        options ??= MailboxClient.NoOptions;
        var waiting = new Waiting(mailbox, body, options, options.KeyOrRandom);
        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Takes no more messages, sends what waits, and returns when all have their result.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _sending.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var held = default(Waiting);
        while (held is not null || await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            (var batch, held) = await GatherAsync(held).ConfigureAwait(false);
            if (batch.Count > 0)
            {
                await SendAsync(batch).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The batch, and the first message that is not for it.</returns>
    private async Task<(List<Waiting> Batch, Waiting? Held)> GatherAsync(Waiting? first)
    {
        var batch = new List<Waiting>();
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
                return (batch, next);
            }

            batch.Add(next);
        }

        return (batch, null);
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
        }
        catch (MailboxException refused) when (!refused.IsTransient && batch.Count > 1)
        {
            // The server refuses a request as a whole when one message in it is wrong: each by itself, then.
            foreach (var one in batch)
            {
                await SendAsync([one]).ConfigureAwait(false);
            }

            return;
        }
        catch (Exception exception)
        {
            batch.ForEach(one => one.Result.TrySetException(exception));
        }

        batch.ForEach(one => one.Settle());
    }

    private async Task<DeliveryResult?> SendManyAsync(List<Waiting> batch)
    {
        if (batch is [var one])
        {
            one.Answer = null;
            var result = await _deliveries.SendAsync(one.Mailbox, one.Body, one.Options, one.Key, CancellationToken.None).ConfigureAwait(false);
            one.Result.TrySetResult(result);
            return result;
        }

        await _deliveries.SendAsync(batch, (message, answer) => ((Waiting)message).Answer = answer, CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    private sealed record Waiting(string Mailbox, ReadOnlyMemory<byte> Body, SendOptions Options, string Key)
        : Outgoing(Mailbox, Body, Options, Key)
    {
        public TaskCompletionSource<DeliveryResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The last answer: a retry replaces it.</summary>
        public DeliverManyResult? Answer { get; set; }

        public void Settle()
        {
            if (Answer is not { } answer)
            {
                return;
            }

            if (answer.Status < 400)
            {
                Result.TrySetResult(new DeliveryResult(answer.Mailbox, answer.Id, answer.Queued, answer.Connected, answer.Expires));
            }
            else
            {
                Result.TrySetException(Refusals.Of(answer.Status, answer.Type, null, answer.Detail));
            }
        }
    }
}
