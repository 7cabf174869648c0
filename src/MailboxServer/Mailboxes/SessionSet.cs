using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Mailbox.Mailboxes;

/// <summary>
/// Several sessions as one source of events. Each stands in line with one event at a time: who is ready is served in turn,
/// however busy a mailbox is. What ends the connection, a drain or the end of the right, ends all sessions once what they had
/// was written, and is told once.
/// </summary>
/// <remarks>
/// <see cref="NextAsync"/> is for one caller, the transport; <see cref="TryOpen"/>, <see cref="TryClose"/>,
/// <see cref="Refuse"/> and <see cref="AckAsync"/> may be called beside it, until the disposal.
/// </remarks>
internal sealed class SessionSet : IEventSource, IAsyncDisposable
{
    /// <summary>Of one connection, however they were named.</summary>
    public const int MostMailboxes = 1_000;

    /// <summary>So many are opened at once, so that each has the store's whole deadline.</summary>
    private const int OpenedAtOnce = 100;

    private readonly SessionRegistry _registry;
    private readonly OpenSession _open;
    private readonly SessionPlaces? _places;
    private readonly SessionSeats _seats;
    private readonly SessionSeat _whole;
    private readonly ConcurrentQueue<SessionEvent> _told = new();
    private SessionSeat? _given;
    private SessionReasons _reasons;
    private SessionReasons _ending;
    private bool _isSuperseded;
    private Exception? _failure;

    /// <param name="registry">The node's.</param>
    /// <param name="grant">What the caller's right rests on, for all mailboxes.</param>
    /// <param name="places">Of a list that stays as it is; null for one that the client changes.</param>
    /// <param name="open">How a mailbox is opened.</param>
    public SessionSet(SessionRegistry registry, Grant grant, SessionPlaces? places, OpenSession open)
    {
        (_registry, _places, Grant) = (registry, places, grant);
        _open = (mailbox, asked, cancellation) =>
            open(mailbox, asked with { IsOneOfMany = true, Grant = Grant.Everybody }, cancellation);
        _seats = new SessionSeats(_open, Tell, Fail);
        _whole = new SessionSeat(mailbox: null, index: 0, places);
        Timer = new SessionTimer(registry.Clock, Signal);
        if (grant.Until < DateTimeOffset.MaxValue)
        {
            Timer.ExpireAfter(grant.Until - DateTimeOffset.UtcNow);
        }
    }

    public Grant Grant { get; }

    public SessionSignal Signal { get; } = new();

    public SessionTimer Timer { get; }

    /// <summary>A mailbox has left the connection, or could not be opened.</summary>
    public Action? Left { get; set; }

    /// <summary>More waits to be written than the mailboxes themselves can tell: the client does not read its answers.</summary>
    public bool IsBacklogged => _told.Count > 2 * MostMailboxes;

    /// <summary>
    /// Opens the mailboxes that a client begins with. False when every one of them was taken over by another
    /// receiver: the client must not come back.
    /// </summary>
    /// <exception cref="StoreException">One could not be opened: then none is.</exception>
    public async Task<bool> OpenAsync(IReadOnlyList<ListedMailbox> mailboxes, OpenOptions asked, CancellationToken cancellation)
    {
        var seats = mailboxes.Select((mailbox, i) => new SessionSeat(mailbox.Name, i, _places)).ToList();
        try
        {
            foreach (var part in seats.Chunk(OpenedAtOnce))
            {
                await Task.WhenAll(part.Select(OpenSeatAsync));
            }
        }
        catch
        {
            await Task.WhenAll(seats.Select(seat => seat.Session?.DisposeAsync().AsTask() ?? Task.CompletedTask));
            throw;
        }

        _registry.Add(this);
        foreach (var seat in seats.Where(seat => seat.Session is null))
        {
            Left?.Invoke();
            Tell(SessionEvent.Of(SessionEventKind.Replaced, default) with { Seat = seat });
        }

        _seats.Begin(seats.Where(seat => seat.Session is not null));
        return mailboxes.Count == 0 || seats.Exists(seat => seat.Session is not null);

        async Task OpenSeatAsync(SessionSeat seat)
        {
            var (name, start, cursor) = mailboxes[seat.Index];
            seat.Session = await _open(name, asked with { Start = start, Cursor = cursor }, cancellation);
        }
    }

    /// <summary>Opens one more. Null when it is being opened, which the connection tells; else the reason why it is not.</summary>
    public string? TryOpen(string mailbox, OpenOptions asked) => _seats.TryOpen(mailbox, asked);

    /// <summary>Closes one, which the connection tells once it is done. False when it is not open here.</summary>
    public bool TryClose(string mailbox) => _seats.TryClose(mailbox);

    /// <summary>Tells that a mailbox is not opened, or not closed.</summary>
    public void Refuse(string mailbox, string reason) =>
        Tell(SessionEvent.Of(SessionEventKind.Refused, default) with { Reason = reason, Seat = new SessionSeat(mailbox, index: 0, places: null) });

    /// <summary>The receiver says what it has of one of the mailboxes.</summary>
    /// <exception cref="StoreException">No answer in time.</exception>
    public ValueTask<AckOutcome> AckAsync(string mailbox, Cursor cursor, CancellationToken cancellation) =>
        _seats.Find(mailbox)?.AckAsync(cursor, cancellation) ?? ValueTask.FromResult(AckOutcome.NotReceiver);

    public async ValueTask<SessionEvent> NextAsync(CancellationToken cancellation)
    {
        GoOn(); // what was given last is flushed
        while (true)
        {
            _reasons |= Signal.Poll();
            cancellation.ThrowIfCancellationRequested();
            if (_failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            if (Has(SessionReasons.Abort))
            {
                return Whole(SessionEventKind.Aborted);
            }

            if (_ending == SessionReasons.None && Has(SessionReasons.Expired | SessionReasons.Drain))
            {
                _ending = Has(SessionReasons.Expired) ? SessionReasons.Expired : SessionReasons.Drain;
                _seats.EndAll(_ending);
            }

            if (TryNext(out var next))
            {
                Timer.Wrote();
                return next;
            }

            if (Ending() is { } ending)
            {
                return Whole(ending);
            }

            if (Has(SessionReasons.Heartbeat))
            {
                _reasons &= ~SessionReasons.Heartbeat;
                return Whole(SessionEventKind.Heartbeat);
            }

            _reasons = await Signal.WaitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Timer.CutOff = null; // its request's objects are used again
        await _seats.DisposeAsync();
        _registry.Remove(this);
    }

    private bool Has(SessionReasons reasons) => (_reasons & reasons) != 0;

    private void Tell(SessionEvent next)
    {
        _told.Enqueue(next);
        Signal.Raise(SessionReasons.Wake);
    }

    private void Fail(Exception exception)
    {
        _failure = exception;
        Signal.Raise(SessionReasons.Wake);
    }

    private void GoOn()
    {
        _given?.Flushed.Raise(SessionReasons.Wake);
        _given = null;
    }

    private bool TryNext(out SessionEvent next)
    {
        while (_told.TryDequeue(out next))
        {
            var seat = next.Seat!;
            _given = seat;
            if (next.EndsSession || next.Kind == SessionEventKind.Refused)
            {
                next = Last(next, seat);
                if (next.EndsSession && next.Kind != SessionEventKind.Replaced)
                {
                    GoOn(); // it ended with the connection, which tells it
                    continue;
                }
            }
            else if (next.Kind != SessionEventKind.Messages)
            {
                seat.Places?.Move(seat.Index, next.Cursor.Position);
            }

            return true;
        }

        return false;
    }

    /// <summary>What the client is told of a session that has ended.</summary>
    private SessionEvent Last(SessionEvent next, SessionSeat seat)
    {
        if (_seats.Remove(seat))
        {
            Left?.Invoke();
        }

        switch (next.Kind)
        {
            case SessionEventKind.Replaced:
                seat.Places?.End(seat.Index);
                return next with { GoesOn = !_seats.IsEmpty || _ending != SessionReasons.None };
            case SessionEventKind.Superseded:
                _isSuperseded = _seats.IsEmpty;
                return next with { Kind = SessionEventKind.Closed, Reason = "superseded" };
            case SessionEventKind.Aborted when seat.IsClosing && _ending == SessionReasons.None:
                _isSuperseded = false;
                return next with { Kind = SessionEventKind.Closed, Reason = "asked" };
            default:
                return next;
        }
    }

    /// <summary>Once no session is left that has something to tell.</summary>
    private SessionEventKind? Ending() =>
        !_seats.IsEmpty ? null
        : _ending == SessionReasons.Expired ? SessionEventKind.Unauthorized
        : _ending == SessionReasons.Drain ? SessionEventKind.Draining
        : _isSuperseded ? SessionEventKind.Superseded
        : null;

    private SessionEvent Whole(SessionEventKind kind) => SessionEvent.Of(kind, default) with { Seat = _whole };
}
