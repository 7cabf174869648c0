using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class SessionSignalTests
{
    private readonly SessionSignal _signal = new();

    [Fact]
    public async Task WaitAsync_RaisedBefore_CompletesAtOnce()
    {
        _signal.Raise(SessionReasons.Wake);
        var wait = _signal.WaitAsync();
        wait.IsCompleted.ShouldBeTrue();
        (await wait).ShouldBe(SessionReasons.Wake);
    }

    [Fact]
    public async Task WaitAsync_RaisedAfter_Completes()
    {
        var wait = _signal.WaitAsync();
        wait.IsCompleted.ShouldBeFalse();
        _signal.Raise(SessionReasons.Drain);
        (await wait).ShouldBe(SessionReasons.Drain);
    }

    [Fact]
    public async Task WaitAsync_SeveralReasonsBefore_OneWaitHasThemAll()
    {
        _signal.Raise(SessionReasons.Wake);
        _signal.Raise(SessionReasons.Heartbeat);
        _signal.Raise(SessionReasons.Wake);
        (await _signal.WaitAsync()).ShouldBe(SessionReasons.Wake | SessionReasons.Heartbeat);

        var next = _signal.WaitAsync();
        next.IsCompleted.ShouldBeFalse("everything was taken");
        _signal.Raise(SessionReasons.Abort);
        await next;
    }

    [Fact]
    public async Task Raise_WhileNobodyWaitsAnyMore_IsKeptForTheNextWait()
    {
        var first = _signal.WaitAsync();
        _signal.Raise(SessionReasons.Wake);
        _signal.Raise(SessionReasons.Drain); // the first wait is complete: this one is not for it
        (await first).ShouldBe(SessionReasons.Wake);
        (await _signal.WaitAsync()).ShouldBe(SessionReasons.Drain);
    }

    [Fact]
    public async Task Raise_FromTheWaitersOwnThread_DoesNotRunTheWaiter()
    {
        // A wake is raised on the Redis client's reading thread: a session must not go on there.
        var thread = 0;
        var waiter = Task.Run(async () =>
        {
            await _signal.WaitAsync();
            thread = Environment.CurrentManagedThreadId;
        });
        var raiser = new Thread(() =>
        {
            Thread.Sleep(20);
            _signal.Raise(SessionReasons.Wake);
        });
        raiser.Start();
        await waiter.WaitAsync(TimeSpan.FromSeconds(30));
        thread.ShouldNotBe(raiser.ManagedThreadId);
        raiser.Join();
    }

    [Fact]
    public async Task Raise_ConcurrentlyWithWaits_NoneIsLost()
    {
        const int rounds = 20_000;
        var produced = new int[4];
        var raisers = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            for (var round = 0; round < rounds; round++)
            {
                // First the work, then the signal: whoever sees the signal finds the work.
                Volatile.Write(ref produced[i], round + 1);
                _signal.Raise((SessionReasons)(1 << i));
                if (random.Next(16) == 0) await Task.Yield();
            }
        })).ToArray();

        var seen = new int[4];
        var waits = 0;
        while (seen.Any(count => count < rounds))
        {
            // A raise that got lost leaves this waiting for ever.
            var reasons = await _signal.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            reasons.ShouldNotBe(SessionReasons.None);
            waits++;
            for (var i = 0; i < 4; i++)
            {
                if (((int)reasons & (1 << i)) != 0) seen[i] = Volatile.Read(ref produced[i]);
            }
        }

        await Task.WhenAll(raisers);
        waits.ShouldBeLessThanOrEqualTo(4 * rounds, "reasons coalesce, they do not multiply");
    }
}
