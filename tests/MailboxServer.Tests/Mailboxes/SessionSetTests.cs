using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>Several sessions on one connection, each on a store of its own that the test holds in its hand.</summary>
public sealed class SessionSetTests : IDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1_000);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SessionRegistry _registry = new(new SessionClock { Heartbeat = Never, Sweep = Never, WriteDeadline = Never });
    private readonly Dictionary<string, FakeMailboxStore> _stores = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeWakeSource> _wakes = new(StringComparer.Ordinal);
    private readonly List<Session> _sessions = [];

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task NextAsync_OneAlwaysHasMore_WhatIsReadyStandsBehindAtMostOneBatchOfIt()
    {
        for (var i = 1; i <= 50; i++)
        {
            var sequence = i;
            StoreOf("busy").OnTake(request => FakeMailboxStore.Found(request.Position, Sample.Entry(sequence)) with { TakeAgain = true });
        }

        await using var set = await OpenAsync("busy");
        for (var round = 0; round < 10; round++)
        {
            (await NextAsync(set)).Seat!.Mailbox.ShouldBe("busy");
            set.Refuse("quiet", "forbidden"); // ready from now on
            var next = new[] { await NextAsync(set), await NextAsync(set) };
            next.ShouldContain(told => told.Kind == SessionEventKind.Refused && told.Seat!.Mailbox == "quiet", $"round {round}");
        }
    }

    [Fact]
    public async Task NextAsync_TheStoreOfOneStandsStill_TheOthersGoOn()
    {
        var standing = new TaskCompletionSource();
        StoreOf("slow").Taking = standing.Task;
        StoreOf("slow").OnTake(Sample.Entry(1));
        StoreOf("quick").OnTake(Sample.Entry(1));
        StoreOf("quick").OnTake(Sample.Entry(2));
        await using var set = await OpenAsync("slow", "quick");

        (await MessageAsync(set)).ShouldBe(("quick", 1));
        WakesOf("quick").Wake();
        (await MessageAsync(set)).ShouldBe(("quick", 2));

        standing.SetResult();
        (await MessageAsync(set)).ShouldBe(("slow", 1));
    }

    [Fact]
    public async Task NextAsync_TheNextOfAMailbox_OnlyOnceTheOneBeforeWasFlushed()
    {
        StoreOf("a").OnTake(Sample.Entry(1));
        await using var set = await OpenAsync("a");
        (await MessageAsync(set)).ShouldBe(("a", 1));
        StoreOf("a").TakeRequests.Count.ShouldBe(1);
        WakesOf("a").Wake();
        StoreOf("a").TakeRequests.Count.ShouldBe(1, "what was given is not flushed yet");

        var next = NextAsync(set);
        await UntilAsync(() => StoreOf("a").TakeRequests.Count == 2);
        StoreOf("a").TakeRequests[1].Position.ShouldBe(Sample.Place(1));
        set.Signal.Raise(SessionReasons.Abort);
        (await next).Kind.ShouldBe(SessionEventKind.Aborted);
    }

    [Fact]
    public async Task NextAsync_HeartbeatsOfTheMailboxes_OnlyTheConnectionsIsTold()
    {
        await using var set = await OpenAsync("a", "b");
        var next = NextAsync(set);
        await UntilAsync(() => StoreOf("a").TakeRequests.Count == 1);
        _sessions.ForEach(session => session.Signal.Raise(SessionReasons.Heartbeat));
        WakesOf("a").Wake();
        await UntilAsync(() => StoreOf("a").TakeRequests.Count == 2);
        next.IsCompleted.ShouldBeFalse();

        set.Signal.Raise(SessionReasons.Heartbeat);
        (await next).ShouldSatisfyAllConditions(
            told => told.Kind.ShouldBe(SessionEventKind.Heartbeat), told => told.Seat!.Mailbox.ShouldBeNull());
    }

    [Theory]
    [InlineData(SessionReasons.Drain, SessionEventKind.Draining)]
    [InlineData(SessionReasons.Expired, SessionEventKind.Unauthorized)]
    internal async Task NextAsync_TheConnectionEnds_WhatIsReadyIsWrittenThenItIsToldOnceAndAllHaveLeftAsFlushed(SessionReasons reason, SessionEventKind kind)
    {
        foreach (var mailbox in new[] { "a", "b" }) StoreOf(mailbox).OnTake(Sample.Entry(1));
        var set = await OpenAsync("a", "b");
        var first = await MessageAsync(set);
        await UntilAsync(() => StoreOf("a").TakeRequests.Count == 1 && StoreOf("b").TakeRequests.Count == 1);
        set.Signal.Raise(reason);

        new[] { first, await MessageAsync(set) }.ShouldBe([("a", 1), ("b", 1)], ignoreOrder: true);
        var last = await NextAsync(set);
        (last.Kind, last.EndsSession, last.Seat!.Mailbox).ShouldBe((kind, true, null));
        await set.DisposeAsync();
        foreach (var mailbox in new[] { "a", "b" })
        {
            var leave = StoreOf(mailbox).LeaveRequests.ShouldHaveSingleItem();
            (leave.IsFlushed, leave.Position).ShouldBe((true, Sample.Place(1)));
        }

        _sessions.ShouldAllBe(session => session.End == kind);
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task DisposeAsync_WhatWasGivenAndNotFlushed_LeavesUnflushed()
    {
        StoreOf("a").OnTake(Sample.Entry(1));
        var set = await OpenAsync("a");
        await MessageAsync(set);
        await set.DisposeAsync();
        StoreOf("a").LeaveRequests.ShouldHaveSingleItem().IsFlushed.ShouldBeFalse();
        WakesOf("a").Count.ShouldBe(0);
    }

    [Fact]
    public async Task NextAsync_ASessionFails_TheConnectionFails()
    {
        StoreOf("a").OnTake(_ => throw new InvalidOperationException("a fault of ours"));
        await using var set = await OpenAsync("a", "b");
        (await Should.ThrowAsync<InvalidOperationException>(async () => await NextAsync(set))).Message.ShouldBe("a fault of ours");
    }

    [Fact]
    public async Task DrainAsync_AConnectionWithoutAMailbox_IsToldAndWaitedFor()
    {
        var set = new SessionSet(_registry, Grant.Everybody, places: null, OpenSessionAsync);
        (await set.OpenAsync([], new OpenOptions(), CancellationToken.None)).ShouldBeTrue();
        var draining = _registry.DrainAsync(TimeSpan.Zero, Patience);

        (await NextAsync(set)).Kind.ShouldBe(SessionEventKind.Draining);
        await Task.Delay(100);
        draining.IsCompleted.ShouldBeFalse();
        await set.DisposeAsync();
        await draining.WaitAsync(Patience);
    }

    [Fact]
    public async Task Expire_AConnectionOfSeveral_OnceForAllByItsOwnGrant()
    {
        var grant = Grant.Everybody with { Caller = "alice" };
        await using var set = await OpenAsync(grant, "a", "b");
        await using var other = await OpenAsync(Grant.Everybody with { Caller = "bob" }, "c");
        _registry.Expire(one => one.Caller == "alice");

        (await NextAsync(set)).Kind.ShouldBe(SessionEventKind.Unauthorized);
        var next = NextAsync(other);
        await UntilAsync(() => StoreOf("c").TakeRequests.Count == 1);
        WakesOf("c").Wake();
        await UntilAsync(() => StoreOf("c").TakeRequests.Count == 2);
        next.IsCompleted.ShouldBeFalse();
        other.Signal.Raise(SessionReasons.Abort);
        await next;
    }

    [Fact]
    public async Task OpenAsync_OneFails_TheOthersAreLeft()
    {
        StoreOf("b").IsAway = true;
        var set = new SessionSet(_registry, Grant.Everybody, SessionPlaces.Begin(["a", "b"], Sample.Receiver), OpenSessionAsync);
        await Should.ThrowAsync<StoreException>(() => set.OpenAsync(Listed("a", "b"), new OpenOptions(), CancellationToken.None));
        await set.DisposeAsync();
        StoreOf("a").LeaveRequests.ShouldHaveSingleItem();
        _registry.Count.ShouldBe(0);
    }

    private static ListedMailbox[] Listed(params string[] mailboxes) => [.. mailboxes.Select(name => new ListedMailbox(name, StartAt.Oldest))];

    private static async Task<SessionEvent> NextAsync(SessionSet set) => await set.NextAsync(CancellationToken.None).AsTask().WaitAsync(Patience);

    private static async Task<(string? Mailbox, long Sequence)> MessageAsync(SessionSet set)
    {
        var next = await NextAsync(set);
        next.Kind.ShouldBe(SessionEventKind.Messages);
        return (next.Seat!.Mailbox, next.Messages.ShouldHaveSingleItem().Id.Sequence);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition()) await Task.Delay(5, deadline.Token);
    }

    private Task<SessionSet> OpenAsync(params string[] mailboxes) => OpenAsync(Grant.Everybody, mailboxes);

    /// <summary>Open, and each <c>open</c> read.</summary>
    private async Task<SessionSet> OpenAsync(Grant grant, params string[] mailboxes)
    {
        var set = new SessionSet(_registry, grant, SessionPlaces.Begin(mailboxes, Sample.Receiver), OpenSessionAsync);
        (await set.OpenAsync(Listed(mailboxes), new OpenOptions { Receiver = Sample.Receiver }, CancellationToken.None)).ShouldBeTrue();
        foreach (var mailbox in mailboxes)
        {
            var next = await NextAsync(set);
            (next.Kind, next.Seat!.Mailbox).ShouldBe((SessionEventKind.Open, mailbox));
        }

        return set;
    }

    private async ValueTask<Session?> OpenSessionAsync(string mailbox, OpenOptions asked, CancellationToken cancellation)
    {
        var session = await Session.OpenAsync(mailbox, asked, StoreOf(mailbox), WakesOf(mailbox), _registry, cancellation);
        _sessions.Add(session!);
        return session;
    }

    private FakeMailboxStore StoreOf(string mailbox)
    {
        if (!_stores.TryGetValue(mailbox, out var store)) _stores[mailbox] = store = new FakeMailboxStore(new Journal());
        return store;
    }

    private FakeWakeSource WakesOf(string mailbox)
    {
        if (!_wakes.TryGetValue(mailbox, out var wakes)) _wakes[mailbox] = wakes = new FakeWakeSource(new Journal());
        return wakes;
    }
}
