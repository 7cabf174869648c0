using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>
/// Tells what happens to mailboxes by delivering it into one, <see cref="SystemEvent.Destination"/>, as any backend would. What the
/// sessions of this node tell waits in a bounded buffer while the store is away; what does not fit is counted, and the count is told.
/// </summary>
internal sealed class EventReporter : IDisposable
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<SystemEvent> _waiting = Channel.CreateBounded<SystemEvent>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    private readonly IMailboxStore _store;
    private readonly SessionRegistry _sessions;
    private readonly string _node;
    private long _missed;
    private long _number;

    public EventReporter(IMailboxStore store, SessionRegistry sessions, Node node)
    {
        (_store, _sessions, _node) = (store, sessions, node.Id);
        sessions.Opened += Opened;
        sessions.Closed += Closed;
    }

    public void Dispose()
    {
        _sessions.Opened -= Opened;
        _sessions.Closed -= Closed;
    }

    /// <summary>No more will come; <see cref="RunAsync"/> returns when everything is told.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Tells what comes, in its order, until it is over or cancelled. One event is tried until the store has answered.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var happened in _waiting.Reader.ReadAllAsync(cancellation))
        {
            await TellUntilToldAsync(happened, NextKey(), cancellation);
            if (Interlocked.Exchange(ref _missed, 0) is > 0 and var missed)
            {
                await TellUntilToldAsync(
                    new SystemEvent { Event = SystemEvent.Missed, Time = DateTimeOffset.UtcNow, Count = missed }, NextKey(), cancellation);
            }
        }
    }

    /// <summary>Tells of one event, once for each key in ten minutes.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async ValueTask TellAsync(SystemEvent happened, string key, CancellationToken cancellation)
    {
        var delivery = new Delivery
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(happened, MailboxJsonContext.Default.SystemEvent),
            ContentType = "application/json",
            Type = happened.Event,
            IdempotencyKey = key,
        };
        var delivered = await _store.DeliverAsync(SystemEvent.Destination, delivery, cancellation);
        if (delivered.Outcome == DeliveryOutcome.Full && await _store.GetInfoAsync(SystemEvent.Destination, cancellation) is { } info)
        {
            // The newest are worth more than the oldest, and a gap tells the receiver that some are missing.
            await _store.ConfigureAsync(SystemEvent.Destination, info.Limits with { Overflow = "dropOldest" }, cancellation);
            await _store.DeliverAsync(SystemEvent.Destination, delivery, cancellation);
        }
    }

    private async Task TellUntilToldAsync(SystemEvent happened, string key, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await TellAsync(happened, key, cancellation);
                return;
            }
            catch (StoreException)
            {
                await Task.Delay(Pause, cancellation);
            }
        }
    }

    private string NextKey() => string.Create(CultureInfo.InvariantCulture, $"{_node}:{_number++}");

    private void Opened(Session session)
    {
        var isResumed = session.Options.Start == StartAt.Cursor;
        if (IsTold(session) && !(isResumed && session.Options.IsPoll))
        {
            Note(new SystemEvent
            {
                Event = SystemEvent.Opened,
                Mailbox = session.Mailbox,
                Time = DateTimeOffset.UtcNow,
                Resumed = isResumed,
            });
        }
    }

    private void Closed(Session session)
    {
        if (IsTold(session) && !session.KeepsLease && session.End != SessionEventKind.Superseded)
        {
            Note(new SystemEvent
            {
                Event = SystemEvent.Closed,
                Mailbox = session.Mailbox,
                Time = DateTimeOffset.UtcNow,
                Reason = session.End switch
                {
                    SessionEventKind.Replaced => "replaced",
                    SessionEventKind.Unauthorized => "unauthorized",
                    SessionEventKind.Draining => "draining",
                    _ => "gone",
                },
            });
        }
    }

    /// <summary>Who watches is no receiver; and who reads the events is none that they tell of.</summary>
    private static bool IsTold(Session session) => !session.Options.IsShared && session.Mailbox != SystemEvent.Destination;

    private void Note(SystemEvent happened)
    {
        if (!_waiting.Writer.TryWrite(happened))
        {
            Interlocked.Increment(ref _missed);
        }
    }
}
