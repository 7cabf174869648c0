using Mailbox.Client.Http;
using Mailbox.Client.Receiving;

namespace Mailbox.Client;

/// <summary>
/// The receiver of several mailboxes on one connection, a WebSocket. <c>await foreach</c> over it opens them, takes each over from
/// any other receiver, and gives the messages of each in order; between mailboxes there is no order, and none waits for another.
/// Leaving the loop closes the connection, and another loop goes on as the same receiver. While a loop runs, the connection comes
/// back by itself, and the list can be changed.
/// </summary>
/// <remarks>
/// <para>A message comes again when it was not acknowledged and the loop was left, its mailbox was closed and opened again, the
/// process ended, or Redis failed over; within one loop and one generation, never. At most the window of each mailbox is in
/// memory.</para>
/// <para>Thread-safe, but one loop at a time.</para>
/// </remarks>
public sealed class MailboxListReceiver : IAsyncEnumerable<MailboxMessage>, IAsyncDisposable
{
    private readonly ReceiverLoop _loop;
    private readonly WantedList _list;
    private readonly MailboxHttp _http;

    internal MailboxListReceiver(MailboxHttp http, IReadOnlyList<string> mailboxes, ListReceiverOptions options)
    {
        var after = CursorText.Check(options.After, out var receiver);
        _http = http;
        Func<Action<Exception>, IReceiving> begin = fail => new SeveralMailboxes(_list!, _loop!, options, http, fail);
        _loop = receiver is null
            ? new ReceiverLoop(this, http, options.Ack, begin)
            : new ReceiverLoop(this, http, options.Ack, begin) { Receiver = receiver };
        _list = new WantedList(_loop, mailboxes, after);
    }

    /// <summary>Messages of one of the mailboxes will not arrive. Told in its place between messages, on the loop's thread, unless <see cref="Events"/> is the loop.</summary>
    public event Action<MailboxGap>? GapTold;

    /// <summary>In one of the mailboxes a new generation begins. Told as <see cref="GapTold"/> is.</summary>
    public event Action<MailboxReset>? ResetTold;

    /// <summary>Another receiver has taken one of the mailboxes over, and the others go on. Told as <see cref="GapTold"/> is.</summary>
    public event Action<MailboxLeft>? LeftTold;

    /// <summary><see cref="State"/> has changed. Told on the connection's thread: be quick; what is thrown is logged and forgotten.</summary>
    public event Action<ReceiverState>? StateChanged
    {
        add => _loop.StateChanged += value;
        remove => _loop.StateChanged -= value;
    }

    /// <summary>
    /// How it stands. Connected: there is a connection, and each mailbox that was in the list when it began has been answered. One
    /// that cannot be opened now is tried again meanwhile.
    /// </summary>
    public ReceiverState State => _loop.State;

    /// <summary>The mailboxes that are open, or to be opened, in the order of their names.</summary>
    public IReadOnlyList<string> Mailboxes => _list.Names;

    /// <summary>
    /// The place in each of <see cref="Mailboxes"/>: right before the oldest message that is not acknowledged.
    /// <see cref="ListReceiverOptions.After"/> goes on there, as the same receiver. A mailbox that was not open yet is not in it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Cursors => _list.Cursors;

    /// <summary>
    /// Messages, and between them <see cref="MailboxGap"/>, <see cref="MailboxReset"/> and <see cref="MailboxLeft"/>. To loop over
    /// instead of the receiver itself; nothing is told by event then.
    /// </summary>
    public IAsyncEnumerable<MailboxEvent> Events => _loop.ReadAsync(tell: null);

    /// <summary>
    /// Opens one more mailbox: now if a loop runs, else with the next. It is taken over from any other receiver, also when it
    /// left this list before. If the server refuses it the loop ends, as with any of the list.
    /// </summary>
    /// <param name="mailbox">The mailbox's name; see <see cref="Contracts.MailboxName"/>.</param>
    /// <returns>False: it is in the list.</returns>
    /// <exception cref="ArgumentException">Not a mailbox name.</exception>
    /// <exception cref="InvalidOperationException">There are 1,000.</exception>
    public bool Open(string mailbox)
    {
        MailboxClient.CheckName(mailbox);
        return _list.TryAdd(mailbox);
    }

    /// <summary>
    /// Closes one mailbox. No more of its messages come, from here on; what was not acknowledged stays in it. What is
    /// acknowledged later is told to the server as outside of a loop.
    /// </summary>
    /// <param name="mailbox">The mailbox's name.</param>
    /// <returns>False: it is not in the list.</returns>
    public bool Close(string mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        return _list.TryRemove(mailbox);
    }

    /// <summary>Receives until it is left, cancelled, or refused for good.</summary>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>; no message is lost by it.</param>
    /// <exception cref="MailboxReplacedException">Other receivers have the mailboxes: none is left.</exception>
    /// <exception cref="MailboxAccessException">403 for one of them; or 401 with a fresh token.</exception>
    /// <exception cref="MailboxException">
    /// One was refused for another reason that will not pass, <see cref="MailboxException.Mailbox"/>; or away for longer than the
    /// options allow.
    /// </exception>
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
    /// Returns when the server has answered the acknowledgement of everything that is done with so far, in all mailboxes; tries
    /// again as a delivery does. Leaving the loop does the same, for as long as one attempt may take, and does not throw.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting; the acknowledgements may have taken effect.</param>
    /// <exception cref="MailboxException">The server could not be told.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default) =>
        _loop.Reading is { } reading ? reading.FlushAsync(cancellationToken) : Parallel.ForEachAsync(
            _list.Seats,
            new ParallelOptions { MaxDegreeOfParallelism = AckPace.Calls, CancellationToken = cancellationToken },
            async (seat, cancellation) =>
            {
                if (seat.Acks.Position is { } place)
                {
                    await AckPump.TellAsync(_http, seat.Mailbox, place, _http.Options.SendRetryTime, cancellation).ConfigureAwait(false);
                }
            });

    /// <summary>Ends a loop that runs, acknowledges what is done with, and closes the connection. What is not done with comes again.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private void Tell(MailboxEvent next)
    {
        switch (next)
        {
            case MailboxGap gap: GapTold?.Invoke(gap); break;
            case MailboxReset reset: ResetTold?.Invoke(reset); break;
            case MailboxLeft left: LeftTold?.Invoke(left); break;
        }
    }
}
