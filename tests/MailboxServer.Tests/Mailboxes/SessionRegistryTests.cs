using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public sealed class SessionRegistryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SessionFixture _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task DrainAsync_NoSession_ReturnsAtOnce() =>
        await _given.Registry.DrainAsync(TimeSpan.FromDays(1), Patience).WaitAsync(Patience);

    [Fact]
    public async Task DrainAsync_OpenSessions_EachIsToldAndThenItIsOver()
    {
        var streams = new List<Task<SessionEventKind>>();
        for (var i = 0; i < 20; i++) streams.Add(RunAsync(await _given.OpenAsync()));
        _given.Registry.Count.ShouldBe(20);

        await _given.Registry.DrainAsync(TimeSpan.FromMilliseconds(100), Patience);
        _given.Registry.Count.ShouldBe(0);
        (await Task.WhenAll(streams)).ShouldAllBe(kind => kind == SessionEventKind.Draining);
    }

    [Fact]
    public async Task DrainAsync_SessionThatHasEndedAndStillLeavesTheStore_WaitsForIt()
    {
        var leaving = new TaskCompletionSource();
        _given.Store.Leaving = leaving.Task;
        var stream = RunAsync(await _given.OpenAsync());

        var draining = _given.Registry.DrainAsync(TimeSpan.Zero, Patience);
        while (_given.Registry.Count > 0) await Task.Delay(10);
        await Task.Delay(100);
        draining.IsCompleted.ShouldBeFalse();

        leaving.SetResult();
        await draining.WaitAsync(Patience);
        await stream;
    }

    [Fact]
    public async Task DrainAsync_SessionThatDoesNotEnd_GivesUpAfterItsPatience()
    {
        await _given.OpenAsync();
        await _given.Registry.DrainAsync(TimeSpan.Zero, TimeSpan.FromMilliseconds(50)).WaitAsync(Patience);
        _given.Registry.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_WhileDraining_TheNewcomerDrainsToo()
    {
        await _given.Registry.DrainAsync(TimeSpan.Zero, TimeSpan.Zero);
        (await RunAsync(await _given.OpenAsync())).ShouldBe(SessionEventKind.Draining);
    }

    [Fact]
    public async Task WakeAll_SessionsThatWait_EachTakesAgain()
    {
        var sessions = new[] { await _given.OpenAsync(), await _given.OpenAsync() };
        var waiting = sessions.Select(SessionFixture.WaitingAsync).ToArray();
        _given.Store.OnTake(Sample.Entry(1));
        _given.Store.OnTake(Sample.Entry(1));
        _given.Registry.WakeAll();
        (await Task.WhenAll(waiting)).ShouldAllBe(next => next.Kind == SessionEventKind.Messages);
    }

    [Fact]
    public async Task WakeAll_MoreSessionsThanTheStoreServesAtOnce_AllTakeAgainButNotTogether()
    {
        const int Many = 2_000;
        var sessions = new List<Session>();
        for (var i = 0; i < Many; i++) sessions.Add(await _given.OpenAsync());
        _given.Registry.Dispose(); // the test ticks by itself

        _given.Registry.WakeAll();
        sessions.ShouldAllBe(session => session.Signal.Poll() == SessionReasons.None);

        var woken = new HashSet<Session>();
        for (var rounds = 0; rounds < 3_000 && woken.Count < Many; rounds++)
        {
            sessions.ForEach(session => session.Timer.Tick());
            woken.UnionWith(sessions.Where(session => session.Signal.Poll() == SessionReasons.Sweep));
            await Task.Delay(10);
        }

        woken.Count.ShouldBe(Many);
    }

    [Fact]
    public async Task Expire_SomeSessions_TheyEndAndTheOthersGoOn()
    {
        static OpenOptions Of(string caller) => new() { Grant = new Grant(caller, [], null, DateTimeOffset.MaxValue) };
        var gone = RunAsync(await _given.OpenAsync(Of("alice")));
        var stays = RunAsync(await _given.OpenAsync(Of("bob")));
        _given.Registry.Expire(grant => grant.Caller == "alice");
        (await gone).ShouldBe(SessionEventKind.Unauthorized);
        stays.IsCompleted.ShouldBeFalse();
        await _given.Registry.DrainAsync(TimeSpan.Zero, Patience);
        (await stays).ShouldBe(SessionEventKind.Draining);
    }

    [Fact]
    public async Task Open_RightThatIsOver_EndsAtOnce()
    {
        var options = new OpenOptions { Grant = new Grant("alice", [], null, DateTimeOffset.UtcNow.AddSeconds(-1)) };
        (await RunAsync((await _given.TryOpenAsync(options)).ShouldNotBeNull())).ShouldBe(SessionEventKind.Unauthorized);
    }

    private static async Task<SessionEventKind> RunAsync(Session session)
    {
        await using (session)
        {
            while (true)
            {
                var next = await SessionFixture.NextAsync(session);
                if (next.EndsSession) return next.Kind;
            }
        }
    }
}
