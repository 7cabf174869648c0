using System.Runtime.CompilerServices;

namespace Mailbox.Mailboxes;

/// <summary>
/// One open mailbox on this node: subscribe, confirm, open, take, wait; take again at every wake. It knows no
/// transport: a transport calls <see cref="NextAsync"/>, writes what it gets, flushes, and calls again, by which it says
/// that everything before was flushed. Not thread-safe but for <see cref="Signal"/> and the write marks.
/// </summary>
internal sealed class Session : IEventSource, IAsyncDisposable
{
    private readonly IMailboxStore _store;
    private readonly OpenOptions _options;
    private readonly SessionTimer _timer;
    private readonly Identifier _receiver;
    private readonly SessionEvents _events;
    private readonly SessionInbox _inbox = new();
    private IAsyncDisposable? _subscription;
    private SessionRegistry? _registry;
    private Fence _fence;
    private Position _position;
    private long _began;
    private bool _isFlushed;
    private bool _mustTake = true;
    private int _reopens; // since the last take that found this session's open
    private SessionReasons _reasons;
    private SessionFigures _figures;

    private Session(string mailbox, IMailboxStore store, OpenOptions options, SessionClock clock)
    {
        Mailbox = mailbox;
        _store = store;
        _options = options.Settled();
        _receiver = _options.Receiver;
        _events = new SessionEvents(_receiver);
        _timer = new SessionTimer(clock, Signal);
        if (options.Grant.Until < DateTimeOffset.MaxValue)
        {
            _timer.ExpireAfter(options.Grant.Until - DateTimeOffset.UtcNow);
        }
    }

    public string Mailbox { get; }

    public OpenOptions Options => _options;

    public SessionSignal Signal { get; } = new();

    /// <summary>Due times of this session, looked at by the node's one timer.</summary>
    public SessionTimer Timer => _timer;

    /// <summary>Set by a long-poll that was answered: its receiver comes back, so its lease outlives the session.</summary>
    public bool KeepsLease { get; set; }

    /// <summary>What ended it, once it has told its transport; null for a client that was simply gone.</summary>
    public SessionEventKind? End { get; private set; }

    /// <summary>A gap or reset was found already, and <see cref="NextAsync"/> returns it at once.</summary>
    public bool IsLossNext => _events.IsLossNext;

    /// <summary>Where the receiver is once it has everything that <see cref="NextAsync"/> returned.</summary>
    public Cursor Cursor => new(_position, _receiver);

    /// <summary>
    /// Opens the mailbox. Null when the cursor is one of a superseded receiver and another is present: the client must
    /// not come back (G7).
    /// </summary>
    /// <exception cref="StoreException">The store or its wake path does not answer.</exception>
    public static async ValueTask<Session?> OpenAsync(
        string mailbox,
        OpenOptions options,
        IMailboxStore store,
        IWakeSource wakes,
        SessionRegistry registry,
        CancellationToken cancellation)
    {
        if (options.Start == StartAt.Cursor && options.Cursor.IsTerminal)
        {
            return null;
        }

        var session = new Session(mailbox, store, options, registry.Clock);
        try
        {
            session._subscription = await wakes.SubscribeAsync(
                mailbox, session.Wake, cancellation);
            var position = options.Start == StartAt.Cursor ? options.Cursor.Position : default;
            var opened = await session.OpenStoreAsync(options.Start, position, isReopen: false, cancellation);
            if (opened.IsRefused)
            {
                await session.DisposeAsync();
                return null;
            }

            session._events.Add(SessionEventKind.Open, session.PlaceBefore(opened));
            session.Follow(opened);
            session._registry = registry;
            registry.Add(session);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The next thing to write. Waits until there is one; while the store does not answer, it waits on and heartbeats go
    /// on. After an event that ends the session there is nothing more to ask for.
    /// </summary>
    /// <remarks>What a wait is remembered in is used again by the next one: await the answer once.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SessionEvent> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_events.TryNext(out var next))
            {
                _position = next.Cursor.Position;
                _isFlushed = false;
                End = next.EndsSession ? next.Kind : null;
                _timer.Wrote();
                _figures.Writes(next);
                return next;
            }

            _isFlushed = true;
            _figures.Wrote(Mailbox);
            if (_reasons == SessionReasons.None && !_mustTake)
            {
                _reasons = await Signal.WaitAsync();
            }
            else
            {
                // Senders may be faster than this reader, so that it never waits: a drain must reach it all the same.
                _reasons |= Signal.Poll();
            }

            cancellation.ThrowIfCancellationRequested();
            if (Ending() is { } ending)
            {
                _events.Add(ending, Cursor);
            }
            else if (_mustTake || Has(SessionReasons.Wake | SessionReasons.Sweep))
            {
                _figures.Takes(_reasons);
                _reasons &= ~(SessionReasons.Wake | SessionReasons.Sweep);
                await TakeAsync(cancellation);
            }
            else if (Has(SessionReasons.Carried))
            {
                _reasons &= ~SessionReasons.Carried;
                FollowCarried();
            }
            else
            {
                _reasons = SessionReasons.None;
                _events.Add(SessionEventKind.Heartbeat, Cursor);
            }
        }
    }

    /// <summary>The receiver says what it has.</summary>
    public ValueTask<AckOutcome> AckAsync(Cursor cursor, CancellationToken cancellation) =>
        _store.AckAsync(Mailbox, cursor, cancellation);

    /// <summary>Ends the session: no more wakes, the lease is given up. Waits for the store only as long as it answers.</summary>
    public async ValueTask DisposeAsync()
    {
        var (registry, subscription) = (_registry, _subscription);
        (_registry, _subscription) = (null, null);
        _timer.CutOff = null; // its request's objects are used again
        if (KeepsLease)
        {
            _figures.Wrote(Mailbox); // a long-poll does not ask again
        }

        registry?.Remove(this);
        try
        {
            if (subscription is not null)
            {
                await subscription.DisposeAsync();
            }

            await LeaveAsync();
        }
        finally
        {
            registry?.Left();
        }
    }

    private void Wake(Carried? carried) => Signal.Raise(
        carried is not null && _inbox.TryAdd(carried) ? SessionReasons.Carried : SessionReasons.Wake);

    private bool Has(SessionReasons reason) => (_reasons & reason) != 0;

    private async ValueTask LeaveAsync()
    {
        if (_fence.Epoch == 0 || _options.IsShared)
        {
            return;
        }

        try
        {
            var isFlushed = _options.Ack == AckMode.None && (_isFlushed || End is not null);
            await _store.LeaveAsync(
                Mailbox, new LeaveRequest(_fence, _position, isFlushed, KeepsLease), CancellationToken.None);
        }
        catch (StoreException)
        {
            // The lease runs out by itself.
        }
    }

    private SessionEventKind? Ending() =>
        Has(SessionReasons.Abort) ? SessionEventKind.Aborted
        : Has(SessionReasons.Expired) ? SessionEventKind.Unauthorized
        : Has(SessionReasons.Drain) ? SessionEventKind.Draining
        : Has(SessionReasons.Deadline) && !_mustTake ? SessionEventKind.Deadline
        : null;

    private async ValueTask TakeAsync(CancellationToken cancellation)
    {
        var taken = default(Taken);
        try
        {
            taken = await _store.TakeAsync(
                Mailbox,
                new TakeRequest(_options.IsShared, _fence, _position, _options.Ack, WindowInForce, _began, _options.MaxBatch),
                cancellation);
            if (taken.Outcome == TakeOutcome.Reopen)
            {
                await ReopenAsync(cancellation);
                return;
            }
        }
        catch (StoreException)
        {
            _mustTake = false;
            _figures.Failed();
            _timer.RetrySoon();
            return;
        }

        _timer.Took();
        _reopens = 0;
        if (taken.Outcome == TakeOutcome.Replaced)
        {
            var isOwn = taken.PresentReceiver == _receiver;
            var cursor = isOwn ? Cursor : Cursor with { IsTerminal = true };
            _events.Add(isOwn ? SessionEventKind.Superseded : SessionEventKind.Replaced, cursor);
            return;
        }

        if (taken.IsLost)
        {
            _began = taken.Position.Sequence;
        }

        _figures.Took(taken);
        var passed = _events.Add(taken);
        if (_events.IsEmpty)
        {
            // Nothing to write, but what was passed over is behind us.
            _position = passed;
        }

        _mustTake = taken.TakeAgain && taken.Entries.Count > 0;
    }

    /// <summary>
    /// What wakes carried is as good as taken where it stands right behind this session's place. Where it does not, or
    /// another has the fence, a take tells what is the matter.
    /// </summary>
    private void FollowCarried()
    {
        var following = _inbox.TakeBehind(_position, _options.IsShared ? null : _fence, _options.MaxBatch, out var isBroken);
        _figures.Carried(following.Length);
        _events.AddMessages(following);
        _mustTake = isBroken;
    }

    /// <summary>
    /// Redis restarted empty, or a failover lost this session's open: it is still the receiver. Where Redis loses it again
    /// and again it pauses in between, deaf to wakes, as its own open wakes it.
    /// </summary>
    private async ValueTask ReopenAsync(CancellationToken cancellation)
    {
        if (_reopens > 0)
        {
            await Task.Delay(_timer.RetryPause(), cancellation);
        }

        Follow(await OpenStoreAsync(StartAt.Cursor, _position, isReopen: true, cancellation));
        _reopens++;
    }

    private int WindowInForce => _options.Ack == AckMode.Client && !_options.IsShared ? _options.Window : 0;

    private async ValueTask<Opened> OpenStoreAsync(
        StartAt start, Position position, bool isReopen, CancellationToken cancellation)
    {
        var owner = Identifier.Random();
        var opened = await _store.OpenAsync(
            Mailbox,
            new OpenRequest
            {
                IsShared = _options.IsShared,
                IsReopen = isReopen,
                Receiver = _receiver,
                Fence = new Fence(_fence.Epoch, owner),
                Ack = _options.Ack,
                Window = WindowInForce,
                Start = start,
                Position = position,
                Transport = _options.Transport,
            },
            cancellation);
        if (!opened.IsRefused)
        {
            _fence = new Fence(opened.Epoch, owner);
            _position = opened.Position;
            if (!isReopen || opened.IsLost)
            {
                _began = opened.Position.Sequence;
            }
        }

        return opened;
    }

    private void Follow(Opened opened)
    {
        _events.AddLoss(opened.Reset, opened.Gap, opened.Position);
        _mustTake = true;
    }

    /// <summary>
    /// Before the gap or reset that an open found: a client that is cut off behind <c>open</c> comes back with its cursor,
    /// and must hear of them then (G5).
    /// </summary>
    private Cursor PlaceBefore(Opened opened)
    {
        if (_options.Start == StartAt.Cursor && (opened.Reset is not null || opened.Gap is not null))
        {
            return _options.Cursor;
        }

        return opened.Gap is { } gap
            ? new Cursor(opened.Position.Before(gap), _receiver)
            : Cursor;
    }
}
