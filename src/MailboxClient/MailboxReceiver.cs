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
    private readonly ReceiverLoop _loop;
    private readonly Seat _seat;

    internal MailboxReceiver(MailboxHttp http, string mailbox, ReceiverOptions options)
    {
        _http = http;
        _loop = new ReceiverLoop(this, http, options.Ack, fail => new OneMailbox(_seat!, _loop!, options, http, fail));
        _seat = new Seat(_loop, mailbox, options.After);
    }

    /// <summary>Messages will not arrive. Told in its place between messages, on the loop's thread, unless <see cref="Events"/> is the loop.</summary>
    public event Action<MailboxGap>? GapTold;

    /// <summary>A new generation begins. Told in its place between messages, on the loop's thread, unless <see cref="Events"/> is the loop.</summary>
    public event Action<MailboxReset>? ResetTold;

    /// <summary><see cref="State"/> has changed. Told on the connection's thread: be quick; what is thrown is logged and forgotten.</summary>
    public event Action<ReceiverState>? StateChanged
    {
        add => _loop.StateChanged += value;
        remove => _loop.StateChanged -= value;
    }

    /// <summary>The mailbox.</summary>
    public string Mailbox => _seat.Mailbox;

    /// <summary>How it stands.</summary>
    public ReceiverState State => _loop.State;

    /// <summary>
    /// Its place: right before the oldest message that is not acknowledged. <see cref="ReceiverOptions.After"/> goes on there, as
    /// the same receiver. Null before the mailbox was open.
    /// </summary>
    public string? Cursor => _seat.Cursor;

    /// <summary>
    /// Messages, and between them <see cref="MailboxGap"/> and <see cref="MailboxReset"/>. To loop over instead of the receiver
    /// itself; nothing is told by event then.
    /// </summary>
    public IAsyncEnumerable<MailboxEvent> Events => _loop.ReadAsync(tell: null);

    /// <summary>Receives until it is left, cancelled, or refused for good.</summary>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>; no message is lost by it.</param>
    /// <exception cref="MailboxReplacedException">Another receiver has the mailbox.</exception>
    /// <exception cref="MailboxAccessException">403, or 401 with a fresh token.</exception>
    /// <exception cref="MailboxException">Refused for another reason that will not pass; or away for longer than the options allow.</exception>
    /// <exception cref="InvalidOperationException">Another loop runs.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public async IAsyncEnumerator<MailboxMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var next in _loop.ReadAsync(Tell, cancellationToken).ConfigureAwait(false))
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
    public Task FlushAsync(CancellationToken cancellationToken = default) =>
        _loop.Reading is { } reading ? reading.FlushAsync(cancellationToken)
        : _seat.Acks.Position is { } place ? AckPump.TellAsync(_http, Mailbox, place, _http.Options.SendRetryTime, cancellationToken)
        : Task.CompletedTask;

    /// <summary>Ends a loop that runs, acknowledges what is done with, and closes the connection. What is not done with comes again.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private void Tell(MailboxEvent next)
    {
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
