using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

/// <summary>Without waiting: an interval is either over at once or not within anybody's lifetime.</summary>
public class SessionTimerTests
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1_000);

    private readonly SessionSignal _signal = new();

    [Fact]
    public async Task Tick_NothingDue_Silent()
    {
        var timer = Timer(Never, Never, Never);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.None);
    }

    [Fact]
    public async Task Tick_HeartbeatDue_RaisedOnEveryTick()
    {
        var timer = Timer(heartbeat: TimeSpan.Zero, Never, Never);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Heartbeat);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Heartbeat);
    }

    [Fact]
    public async Task Tick_SweepDue_Wake()
    {
        var timer = Timer(Never, sweep: TimeSpan.Zero, Never);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Sweep);
    }

    [Fact]
    public async Task Tick_RetryDueLongBeforeTheSweep_Wake()
    {
        var timer = Timer(Never, Never, Never);
        timer.RetrySoon();
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Sweep);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.None, "one retry, and then the sweep again");
    }

    [Fact]
    public async Task Tick_DrainDueBeforeAnythingElse_Drain()
    {
        var timer = Timer(Never, Never, Never);
        timer.DrainAfter(Never);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.None);
        timer.DrainAfter(TimeSpan.Zero);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Drain);
    }

    [Fact]
    public async Task Tick_LongPollWaitedLongEnough_Deadline()
    {
        var timer = Timer(Never, Never, Never);
        timer.EndAfter(TimeSpan.Zero);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Deadline);
    }

    [Fact]
    public async Task Tick_RightIsOver_Expired()
    {
        var timer = Timer(Never, Never, Never);
        timer.ExpireAfter(Never);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.None);
        timer.ExpireAfter(TimeSpan.FromSeconds(-1));
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Expired);
    }

    [Fact]
    public async Task Tick_SeveralDue_AllInOneRaise()
    {
        var timer = Timer(TimeSpan.Zero, TimeSpan.Zero, Never);
        timer.DrainAfter(TimeSpan.Zero);
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Sweep | SessionReasons.Heartbeat | SessionReasons.Drain);
    }

    [Fact]
    public async Task Tick_FlushOverItsDeadline_CutsOffOnceAndAborts()
    {
        var cuts = 0;
        var timer = Timer(TimeSpan.Zero, TimeSpan.Zero, writeDeadline: TimeSpan.FromMilliseconds(-1));
        timer.CutOff = () => cuts++;
        timer.WriteBegins();
        timer.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.Abort);
        cuts.ShouldBe(1);
        timer.Tick();
        cuts.ShouldBe(1);
    }

    [Fact]
    public async Task Tick_FlushThatEndedOrIsInTime_NotCutOff()
    {
        var ended = Timer(Never, Never, writeDeadline: TimeSpan.FromMilliseconds(-1));
        ended.CutOff = () => throw new InvalidOperationException("cut off");
        ended.WriteBegins();
        ended.WriteEnds();
        ended.Tick();
        var inTime = Timer(Never, Never, Never);
        inTime.CutOff = ended.CutOff;
        inTime.WriteBegins();
        inTime.Tick();
        (await RaisedAsync()).ShouldBe(SessionReasons.None);
    }

    private SessionTimer Timer(TimeSpan heartbeat, TimeSpan sweep, TimeSpan writeDeadline) => new(
        new SessionClock { Heartbeat = heartbeat, Sweep = sweep, WriteDeadline = writeDeadline, Retry = TimeSpan.Zero }, _signal);

    /// <summary>What was raised since the last time: with a reason of our own among it, the wait completes at once.</summary>
    private async Task<SessionReasons> RaisedAsync()
    {
        const SessionReasons probe = (SessionReasons)1024;
        _signal.Raise(probe);
        var wait = _signal.WaitAsync();
        wait.IsCompleted.ShouldBeTrue();
        return await wait & ~probe;
    }
}
