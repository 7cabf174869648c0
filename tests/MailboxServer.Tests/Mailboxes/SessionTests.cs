using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public sealed class SessionTests : IDisposable
{
    private readonly SessionFixture _given = new();

    private FakeMailboxStore Store => _given.Store;

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task NextAsync_MessagesWait_OneBatchInOrderWithTheLastOnesCursor()
    {
        Store.OnTake(Sample.Entry(1), Sample.Entry(2), Sample.Entry(3));
        var session = await OpenAsync();
        var next = await NextAsync(session);
        next.Kind.ShouldBe(SessionEventKind.Messages);
        next.Messages.Select(message => message.Id.Sequence).ShouldBe([1L, 2L, 3L]);
        next.Cursor.ShouldBe(Sample.CursorAt(3));
        session.Cursor.ShouldBe(Sample.CursorAt(3));
    }

    [Fact]
    public async Task NextAsync_NothingThere_WaitsAndTakesAtTheWake()
    {
        var session = await OpenAsync();
        var next = WaitingAsync(session);
        Store.OnTake(Sample.Entry(1));
        _given.Wakes.Wake();
        (await next).Messages.ShouldHaveSingleItem().Id.Sequence.ShouldBe(1);
        Store.TakeRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NextAsync_WakeThatFindsNothing_WaitsOn()
    {
        var session = await OpenAsync();
        var next = WaitingAsync(session);
        for (var i = 0; i < 3; i++)
        {
            var takes = Store.TakeRequests.Count;
            _given.Wakes.Wake();
            await Eventually(() => Store.TakeRequests.Count > takes);
        }

        next.IsCompleted.ShouldBeFalse();
        Store.OnTake(Sample.Entry(1));
        _given.Wakes.Wake();
        await next;
    }

    [Fact]
    public async Task NextAsync_WakeDuringATake_TakesAgain()
    {
        // The message was delivered behind the take's read: only the wake tells of it.
        Store.OnTake(request =>
        {
            _given.Wakes.Wake();
            return FakeMailboxStore.Found(request.Position);
        });
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync();
        (await NextAsync(session)).Messages.ShouldHaveSingleItem().Id.Sequence.ShouldBe(1);
        Store.TakeRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NextAsync_WakeDuringATakeThatFoundMessages_TakesAgainBehindThem()
    {
        Store.OnTake(request =>
        {
            _given.Wakes.Wake();
            return FakeMailboxStore.Found(request.Position, Sample.Entry(1));
        });
        Store.OnTake(Sample.Entry(2));
        var session = await OpenAsync();
        (await NextAsync(session)).Cursor.ShouldBe(Sample.CursorAt(1));
        (await NextAsync(session)).Cursor.ShouldBe(Sample.CursorAt(2));
        Store.TakeRequests[1].Position.ShouldBe(Sample.Place(1));
    }

    [Fact]
    public async Task NextAsync_ManyWakesWhileBusy_OneTake()
    {
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync();
        await NextAsync(session);
        for (var i = 0; i < 100; i++) _given.Wakes.Wake();
        _ = WaitingAsync(session);
        Store.TakeRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NextAsync_MoreThanOneBatch_TakesAgainWithoutAWake()
    {
        Store.OnTake(request => FakeMailboxStore.Found(request.Position, Sample.Entry(1)) with { TakeAgain = true });
        Store.OnTake(request => FakeMailboxStore.Found(request.Position, Sample.Entry(2)) with { TakeAgain = true });
        Store.OnTake(Sample.Entry(3));
        var session = await OpenAsync();
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            (await NextAsync(session)).Cursor.ShouldBe(Sample.CursorAt(sequence));
        }

        _ = WaitingAsync(session);
        Store.TakeRequests.Select(request => request.Position.Sequence).ShouldBe([0L, 1L, 2L], "the third said that it was all");
    }

    [Fact]
    public async Task NextAsync_MoreThereButTheWindowIsFull_WaitsForTheWake()
    {
        Store.OnTake(request => FakeMailboxStore.Found(request.Position) with { TakeAgain = true });
        var session = await OpenAsync();
        _ = WaitingAsync(session);
        Store.TakeRequests.Count.ShouldBe(1, "asking again would spin until the receiver acknowledges");
    }

    [Fact]
    public async Task NextAsync_TakeRequest_CarriesWhatTheOpenGave()
    {
        Store.OnOpen(_ => FakeMailboxStore.OpenedAt(Sample.Place(4), epoch: 17));
        var session = await OpenAsync(new OpenOptions { Ack = AckMode.Client, Window = 7, MaxBatch = 9 });
        _ = WaitingAsync(session);
        var request = Store.TakeRequests.ShouldHaveSingleItem();
        request.Fence.ShouldBe(new Fence(17, Store.OpenRequests[0].Fence.Owner));
        request.Position.ShouldBe(Sample.Place(4));
        request.Began.ShouldBe(4);
        request.Window.ShouldBe(7);
        request.MaxMessages.ShouldBe(9);
        request.Ack.ShouldBe(AckMode.Client);
    }

    [Fact]
    public async Task NextAsync_ReceiverThatDoesNotAcknowledge_HasNoWindow()
    {
        var session = await OpenAsync(new OpenOptions { Window = 7 });
        _ = WaitingAsync(session);
        Store.TakeRequests.ShouldHaveSingleItem().Window.ShouldBe(0);
    }

    [Fact]
    public async Task NextAsync_ResetWithEntries_ResetThenMessagesInTheNewGeneration()
    {
        var place = new Position(Sample.OtherGeneration, 0, default);
        var first = new Position(Sample.OtherGeneration, 1, new Identifier(5));
        var message = Sample.Message(1) with { Id = new MessageId(Sample.OtherGeneration, 1), Check = first.Check };
        Store.OnTake(Sample.Entry(1), Sample.Entry(2));
        Store.OnTake(_ => FakeMailboxStore.Found(place, new Entry(EntryKind.Message, first, message)) with { Reset = ResetReasons.Lost });
        var session = await OpenAsync();
        await NextAsync(session);
        _given.Wakes.Wake();

        var reset = await NextAsync(session);
        reset.Kind.ShouldBe(SessionEventKind.Reset);
        reset.Cursor.ShouldBe(new Cursor(place, Sample.Receiver));
        var messages = await NextAsync(session);
        messages.Kind.ShouldBe(SessionEventKind.Messages);
        messages.Cursor.ShouldBe(new Cursor(first, Sample.Receiver));

        _given.Wakes.Wake();
        _ = WaitingAsync(session);
        var request = Store.TakeRequests[^1];
        request.Position.ShouldBe(first);
        request.Began.ShouldBe(0, "the window counts from where the new numbering began");
    }

    [Fact]
    public async Task NextAsync_GapInATake_GapThenMessages()
    {
        Store.OnTake(_ => FakeMailboxStore.Found(Sample.Place(5), Sample.Entry(6)) with { Gap = new Gap(1, 5, GapReasons.Dropped) });
        var session = await OpenAsync();
        var gap = await NextAsync(session);
        gap.Kind.ShouldBe(SessionEventKind.Gap);
        gap.Gap.ShouldBe(new Gap(1, 5, GapReasons.Dropped));
        gap.Cursor.ShouldBe(Sample.CursorAt(5));
        (await NextAsync(session)).Cursor.ShouldBe(Sample.CursorAt(6));
    }

    [Fact]
    public async Task NextAsync_MalformedEntries_GapsAtTheirPlaces()
    {
        Store.OnTake(
            Sample.Entry(1), Sample.Entry(2, EntryKind.Malformed), Sample.Entry(3), Sample.Entry(4),
            Sample.Entry(5, EntryKind.Malformed), Sample.Entry(6, EntryKind.Malformed));
        var session = await OpenAsync();
        var told = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var next = await NextAsync(session);
            next.Cursor.ShouldBe(session.Cursor);
            told.Add(next.Kind == SessionEventKind.Gap
                ? $"{next.Gap.Reason} {next.Gap.From}-{next.Gap.To} @{next.Cursor.Position.Sequence}"
                : $"{string.Join(',', next.Messages.Select(message => message.Id.Sequence))} @{next.Cursor.Position.Sequence}");
        }

        told.ShouldBe(["1 @1", "malformed 2-2 @2", "3,4 @4", "malformed 5-5 @5", "malformed 6-6 @6"]);
        session.Cursor.ShouldBe(Sample.CursorAt(6));
    }

    [Fact]
    public async Task NextAsync_RemovedEntries_PassedOverInsideABatch()
    {
        Store.OnTake(Sample.Entry(1, EntryKind.Removed), Sample.Entry(2), Sample.Entry(3, EntryKind.Removed), Sample.Entry(4));
        var session = await OpenAsync();
        var next = await NextAsync(session);
        next.Messages.Select(message => message.Id.Sequence).ShouldBe([2L, 4L]);
        next.Cursor.ShouldBe(Sample.CursorAt(4));
    }

    [Fact]
    public async Task NextAsync_OnlyRemovedEntries_NothingToTellAndThePositionMoves()
    {
        Store.OnTake(Sample.Entry(1, EntryKind.Removed), Sample.Entry(2, EntryKind.Removed));
        var session = await OpenAsync();
        var next = WaitingAsync(session);
        session.Cursor.ShouldBe(Sample.CursorAt(2));
        Store.OnTake(Sample.Entry(3));
        _given.Wakes.Wake();
        await next;
        Store.TakeRequests[^1].Position.ShouldBe(Sample.Place(2));
    }

    [Fact]
    public async Task NextAsync_StoreAway_StaysAndHeartbeatsGoOnAndTakesAgain()
    {
        var session = await OpenAsync();
        Store.IsAway = true;
        var next = WaitingAsync(session);
        session.Signal.Raise(SessionReasons.Heartbeat);
        (await next).Kind.ShouldBe(SessionEventKind.Heartbeat);

        next = WaitingAsync(session);
        _given.Wakes.Wake(); // a wake, the sweep or the retry: all the same here
        await Eventually(() => Store.TakeRequests.Count >= 2);
        next.IsCompleted.ShouldBeFalse();

        Store.IsAway = false;
        Store.OnTake(Sample.Entry(1));
        _given.Wakes.Wake();
        (await next).Messages.ShouldHaveSingleItem();
        _given.Journal.Entries.ShouldNotContain("unsubscribe");
    }

    [Fact]
    public async Task NextAsync_StoreAwayInATake_TheRetryComesLongBeforeTheSweep()
    {
        var clock = new SessionClock
        {
            Heartbeat = TimeSpan.FromDays(1_000), Sweep = TimeSpan.FromDays(1_000), WriteDeadline = TimeSpan.FromDays(1_000), Retry = TimeSpan.Zero,
        };
        using var registry = new SessionRegistry(clock);
        var session = (await Session.OpenAsync("alice", new OpenOptions(), Store, _given.Wakes, registry, CancellationToken.None)).ShouldNotBeNull();
        await NextAsync(session);
        Store.IsAway = true;
        var next = WaitingAsync(session);
        Store.OnTake(Sample.Entry(1)); // before it is back, so that no take can find nothing
        Store.IsAway = false;
        (await next).Messages.ShouldHaveSingleItem(); // by the registry's own timer: nobody woke it
    }

    [Fact]
    public async Task NextAsync_Reopen_OpensAgainInPlaceOneAboveAndAcknowledgesNothing()
    {
        Store.OnOpen(_ => FakeMailboxStore.OpenedAt(Sample.Place(0), epoch: 6));
        Store.OnTake(Sample.Entry(1), Sample.Entry(2));
        Store.OnTake(_ => new Taken(TakeOutcome.Reopen, default, default, null, null, false, []));
        Store.OnTake(Sample.Entry(3));
        var session = await OpenAsync(new OpenOptions { Receiver = Sample.Receiver, Ack = AckMode.Client });
        await NextAsync(session);
        _given.Wakes.Wake();
        (await NextAsync(session)).Cursor.ShouldBe(Sample.CursorAt(3), "the client hears nothing of it");

        var again = Store.OpenRequests[^1];
        again.IsReopen.ShouldBeTrue("so that nothing is acknowledged and nobody refused");
        again.Start.ShouldBe(StartAt.Cursor);
        again.Position.ShouldBe(Sample.Place(2));
        again.Receiver.ShouldBe(Sample.Receiver);
        again.Fence.Epoch.ShouldBe(6, "the new epoch must be above the one that was lost");
        again.Fence.Owner.ShouldNotBe(Store.OpenRequests[0].Fence.Owner);
        var take = Store.TakeRequests[^1];
        take.Fence.ShouldBe(new Fence(7, again.Fence.Owner));
        take.Began.ShouldBe(0, "what is in flight is still in flight");
        Store.Acked.ShouldBeEmpty();
    }

    [Fact]
    public async Task NextAsync_ReopenOnAnEmptyStore_Reset()
    {
        var place = new Position(Sample.OtherGeneration, 0, default);
        Store.OnTake(Sample.Entry(1), Sample.Entry(2));
        Store.OnTake(_ => new Taken(TakeOutcome.Reopen, default, default, null, null, false, []));
        var session = await OpenAsync();
        await NextAsync(session);
        Store.OnOpen(_ => FakeMailboxStore.OpenedAt(place, epoch: 2) with { Reset = ResetReasons.Lost });
        _given.Wakes.Wake();
        var reset = await NextAsync(session);
        reset.Kind.ShouldBe(SessionEventKind.Reset);
        reset.Cursor.ShouldBe(new Cursor(place, Sample.Receiver));
    }

    [Fact]
    public async Task NextAsync_ReopenWhileTheStoreIsAway_TriesAgain()
    {
        Store.OnTake(_ => new Taken(TakeOutcome.Reopen, default, default, null, null, false, []));
        Store.OnTake(_ => new Taken(TakeOutcome.Reopen, default, default, null, null, false, []));
        var session = await OpenAsync();
        Store.OnOpen(_ => throw new StoreException(StoreFault.Unavailable, "away"));
        var next = WaitingAsync(session);
        Store.OnTake(Sample.Entry(1));
        _given.Wakes.Wake();
        (await next).Messages.ShouldHaveSingleItem();
        Store.OpenRequests.Count.ShouldBe(3);
        Store.OpenRequests[^1].Fence.Epoch.ShouldBe(Store.OpenRequests[^2].Fence.Epoch, "the failed open gave no epoch");
    }

    [Fact]
    public async Task NextAsync_ReopenAgainAndAgain_PausesInBetweenThoughItsOwnOpenWakesIt()
    {
        using var given = new SessionFixture(retry: TimeSpan.FromDays(20));
        var session = await given.OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            given.Store.OnTake(_ => new Taken(TakeOutcome.Reopen, default, default, null, null, false, []));
            given.Store.OnOpen(request =>
            {
                given.Wakes.Wake();
                return FakeMailboxStore.OpenedAt(request.Position, request.Fence.Epoch + 1);
            });
        }

        var next = SessionFixture.WaitingAsync(session);

        next.IsCompleted.ShouldBeFalse();
        given.Store.OpenRequests.Count.ShouldBe(2, "the open, and the first reopen at once");
        given.Store.TakeRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NextAsync_AnotherReceiver_ReplacedWithATerminalCursor()
    {
        Store.OnTake(_ => new Taken(TakeOutcome.Replaced, new Identifier(0xDDDD), default, null, null, false, []));
        var session = await OpenAsync();
        var next = await NextAsync(session);
        next.Kind.ShouldBe(SessionEventKind.Replaced);
        next.EndsSession.ShouldBeTrue();
        next.Cursor.ShouldBe(Sample.CursorAt(0) with { IsTerminal = true });
    }

    [Fact]
    public async Task NextAsync_DismissedByAnOperator_ReplacedWithATerminalCursor()
    {
        Store.OnTake(_ => new Taken(TakeOutcome.Replaced, default, default, null, null, false, []));
        var session = await OpenAsync();
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Replaced);
    }

    [Fact]
    public async Task NextAsync_TheSameReceiversNewerConnection_SupersededAndMayComeBack()
    {
        Store.OnTake(_ => new Taken(TakeOutcome.Replaced, Sample.Receiver, default, null, null, false, []));
        var session = await OpenAsync();
        var next = await NextAsync(session);
        next.Kind.ShouldBe(SessionEventKind.Superseded);
        next.EndsSession.ShouldBeTrue();
        next.Cursor.IsTerminal.ShouldBeFalse();
    }

    [Fact]
    public async Task NextAsync_Drain_DrainingWithTheCursorSoFar()
    {
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync();
        await NextAsync(session);
        var next = WaitingAsync(session);
        session.Signal.Raise(SessionReasons.Drain);
        var end = await next;
        end.Kind.ShouldBe(SessionEventKind.Draining);
        end.Cursor.ShouldBe(Sample.CursorAt(1));
    }

    [Theory]
    [InlineData((int)SessionReasons.Drain, (int)SessionEventKind.Draining)]
    [InlineData((int)SessionReasons.Abort, (int)SessionEventKind.Aborted)]
    public async Task NextAsync_EndsWhileThereIsAlwaysMore_Ends(int reason, int kind)
    {
        // Senders that are faster than this reader: there is never a moment in which it waits.
        for (var sequence = 1; sequence <= 50; sequence++)
        {
            var entry = Sample.Entry(sequence);
            Store.OnTake(request => FakeMailboxStore.Found(request.Position, entry) with { TakeAgain = true });
        }

        var session = await OpenAsync();
        await NextAsync(session);
        session.Signal.Raise((SessionReasons)reason);
        ((int)(await NextAsync(session)).Kind).ShouldBe(kind);
    }

    [Fact]
    public async Task NextAsync_DrainWithEventsTaken_TheyComeFirst()
    {
        Store.OnTake(Sample.Entry(1), Sample.Entry(2, EntryKind.Malformed), Sample.Entry(3));
        var session = await OpenAsync();
        await NextAsync(session);
        session.Signal.Raise(SessionReasons.Drain);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Gap);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Messages);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Draining);
    }

    [Fact]
    public async Task NextAsync_AbortAndDrain_Aborted()
    {
        var session = await OpenAsync();
        session.Signal.Raise(SessionReasons.Drain | SessionReasons.Abort);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Aborted);
    }

    [Fact]
    public async Task NextAsync_DeadlineRaisedBeforeTheFirstTake_TakesFirst()
    {
        // A long-poll with wait=0 asks what there is.
        Store.OnTake(Sample.Entry(1));
        var session = await OpenAsync(new OpenOptions { Receiver = Sample.Receiver, Ack = AckMode.Client });
        session.Signal.Raise(SessionReasons.Deadline);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Messages);
        (await NextAsync(session)).Kind.ShouldBe(SessionEventKind.Deadline);
    }

    [Fact]
    public async Task NextAsync_HeartbeatAndWakeTogether_BothAreHeeded()
    {
        var session = await OpenAsync();
        var next = WaitingAsync(session);
        Store.OnTake(Sample.Entry(1));
        session.Signal.Raise(SessionReasons.Heartbeat | SessionReasons.Wake);
        (await next).Kind.ShouldBe(SessionEventKind.Messages);
    }

    [Fact]
    public async Task NextAsync_Cancelled_Throws()
    {
        var session = await OpenAsync();
        using var gone = new CancellationTokenSource();
        var next = session.NextAsync(gone.Token).AsTask();
        await gone.CancelAsync();
        session.Signal.Raise(SessionReasons.Abort);
        await Should.ThrowAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task AckAsync_Cursor_GoesToTheStoreAsItIs()
    {
        var session = await OpenAsync();
        (await session.AckAsync(Sample.CursorAt(3), CancellationToken.None)).ShouldBe(AckOutcome.Acked);
        Store.Acked.ShouldBe([Sample.CursorAt(3)]);
    }

    private static Task<SessionEvent> NextAsync(Session session) => SessionFixture.NextAsync(session);

    private static Task<SessionEvent> WaitingAsync(Session session) => SessionFixture.WaitingAsync(session);

    private static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 3_000 && !condition(); i++) await Task.Delay(10);
        condition().ShouldBeTrue();
    }

    private Task<Session> OpenAsync(OpenOptions? options = null) =>
        _given.OpenAsync(options ?? new OpenOptions { Receiver = Sample.Receiver });
}
