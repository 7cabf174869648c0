using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mailbox.Client.Diagnostics;
using Mailbox.Client.Http;
using Mailbox.Client.Receiving;

namespace Mailbox.Client;

/// <summary>
/// The receiver of one mailbox. <c>await foreach</c> over it opens the mailbox, takes it over from any other receiver, and
/// gives its messages in order; leaving the loop closes the connection, and another loop goes on as the same receiver. While
/// a loop runs, the connection comes back by itself.
/// </summary>
/// <remarks>
/// <para>A message comes again when it was not acknowledged and the loop was left, the process ended, or Redis failed over;
/// within one loop and one generation, never. Order is that of delivery. At most the window is in memory.</para>
/// <para>Thread-safe, but one loop at a time.</para>
/// </remarks>
public sealed class MailboxReceiver : IAsyncEnumerable<MailboxMessage>, IAsyncDisposable
{
    private readonly MailboxHttp _http;
    private readonly Lock _lock = new();
    private readonly Lock _states = new();
    private Reading? _reading;
    private volatile ReceiverState _state;
    private bool _isDisposed;

    internal MailboxReceiver(MailboxHttp http, string mailbox, ReceiverOptions options)
    {
        (_http, Mailbox, Options) = (http, mailbox, options);
        Acks.Begin(options.After is "now" ? null : options.After);
    }

    /// <summary>Messages will not arrive. Told in its place between messages, on the loop's thread, unless <see cref="Events"/> is the loop.</summary>
    public event Action<MailboxGap>? GapTold;

    /// <summary>A new generation begins. Told in its place between messages, on the loop's thread, unless <see cref="Events"/> is the loop.</summary>
    public event Action<MailboxReset>? ResetTold;

    /// <summary><see cref="State"/> has changed. Told on the connection's thread: be quick; what is thrown is logged and forgotten.</summary>
    public event Action<ReceiverState>? StateChanged;

    /// <summary>The mailbox.</summary>
    public string Mailbox { get; }

    /// <summary>How it stands.</summary>
    public ReceiverState State => _state;

    /// <summary>
    /// Its place: right before the oldest message that is not acknowledged. <see cref="ReceiverOptions.After"/> goes on there, as
    /// the same receiver. Null before the mailbox was open.
    /// </summary>
    public string? Cursor => Acks.Position ?? (Options.After is "now" ? "now" : null);

    /// <summary>
    /// Messages, and between them <see cref="MailboxGap"/> and <see cref="MailboxReset"/>. To loop over instead of the receiver
    /// itself; nothing is told by event then.
    /// </summary>
    public IAsyncEnumerable<MailboxEvent> Events => ReadAsync(withSignals: true);

    internal ReceiverOptions Options { get; }

    internal AckTracker Acks { get; } = new();

    /// <summary>Who it is to the server: chosen here, so that an open whose answer is lost is repeated as the same receiver.</summary>
    internal string Receiver { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Receives until it is left, cancelled, or refused for good.</summary>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>; no message is lost by it.</param>
    /// <exception cref="MailboxReplacedException">Another receiver has the mailbox.</exception>
    /// <exception cref="MailboxAccessException">403, or 401 with a fresh token.</exception>
    /// <exception cref="MailboxException">Refused for another reason that will not pass; or away for longer than the options allow.</exception>
    /// <exception cref="InvalidOperationException">Another loop runs.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public async IAsyncEnumerator<MailboxMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var next in ReadAsync(withSignals: false, cancellationToken).ConfigureAwait(false))
        {
            yield return (MailboxMessage)next;
        }
    }

    /// <summary>
    /// Returns when the server has answered the acknowledgement of everything that is done with so far; tries again as a
    /// delivery does. Leaving the loop does the same, for as long as one attempt may take, and does not throw.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting; the acknowledgement may have taken effect.</param>
    /// <exception cref="MailboxException">The server could not be told.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var reading = Volatile.Read(ref _reading);
        return reading is not null ? reading.FlushAsync(cancellationToken)
            : Acks.Position is { } place ? AckPump.TellAsync(_http, Mailbox, place, _http.Options.SendRetryTime, cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>Ends a loop that runs, acknowledges what is done with, and closes the connection. What is not done with comes again.</summary>
    public async ValueTask DisposeAsync()
    {
        Reading? reading;
        lock (_lock)
        {
            _isDisposed = true;
            reading = _reading;
        }

        if (reading is not null)
        {
            await reading.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal void Become(ReceiverState state)
    {
        // An acknowledgement may end the receiver while its connection is just lost: told in turn, and of a receiver that is
        // closed nothing but that it begins anew.
        lock (_states)
        {
            if (_state == state || (_state == ReceiverState.Closed && state != ReceiverState.Connecting))
            {
                return;
            }

            _state = state;
            try
            {
                StateChanged?.Invoke(state);
            }
            catch (Exception exception)
            {
                ClientLog.ListenerFailed(_http.Log, exception, Receiver);
            }
        }
    }

    internal ValueTask AckAsync(string cursor, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Acks.Mark(cursor);
        return Volatile.Read(ref _reading) is null ? new ValueTask(FlushAsync(cancellation)) : ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<MailboxEvent> ReadAsync(
        bool withSignals, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reading = BeginReading();
        try
        {
            while (await reading.NextAsync(cancellation).ConfigureAwait(false) is { } next)
            {
                if (next is MailboxMessage message)
                {
                    ClientDiagnostics.Received(message);
                    yield return message;
                    if (Options.Ack == AckMode.Automatic)
                    {
                        message.Mark();
                    }
                }
                else if (withSignals)
                {
                    yield return next;
                }
                else
                {
                    Tell(next);
                }
            }
        }
        finally
        {
            try
            {
                await reading.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Exchange(ref _reading, null); // else no other loop could ever begin
            }

            // Whoever acknowledged while the loop's end was told still saw a loop, and left it to that.
            await reading.TryFlushAsync().ConfigureAwait(false);
        }
    }

    private Reading BeginReading()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _reading = _reading is null
                ? new Reading(this, _http)
                : throw new InvalidOperationException("Another loop runs over this receiver.");
        }
    }

    private void Tell(MailboxEvent next)
    {
        ClientLog.Told(_http.Log, Receiver, next.ToString()!);
        if (next is MailboxGap gap)
        {
            GapTold?.Invoke(gap);
        }
        else if (next is MailboxReset reset)
        {
            ResetTold?.Invoke(reset);
        }
    }
}
