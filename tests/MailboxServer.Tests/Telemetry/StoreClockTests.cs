using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Telemetry;

public class StoreClockTests
{
    private readonly HandClock _here = new();
    private readonly StoreClock _clock;

    public StoreClockTests() => _clock = new StoreClock(_here);

    [Fact]
    public void Since_NothingHeard_TakesBothClocksForOne()
    {
        _clock.Since(_here.GetUtcNow() - Ms(30)).ShouldBe(Ms(30));
        _clock.Uncertainty.ShouldBeNull();
    }

    [Fact]
    public void Since_StoreAhead_IsByTheStoresClock()
    {
        var there = TimeSpan.FromSeconds(7);
        _clock.Hear(_here.GetUtcNow() + there - Ms(2), call: Ms(4));

        _clock.Since(_here.GetUtcNow() + there - Ms(30)).TotalMilliseconds.ShouldBe(30, tolerance: 2.5);
        _clock.Uncertainty!.Value.TotalMilliseconds.ShouldBe(2.5);
    }

    [Fact]
    public void Since_WhatTheStoreHasNotReached_IsNotNegative() =>
        _clock.Since(_here.GetUtcNow() + Ms(5)).ShouldBe(TimeSpan.Zero);

    [Fact]
    public void Hear_SlowerCall_DoesNotReplaceABetterOne()
    {
        _clock.Hear(_here.GetUtcNow(), call: Ms(1));
        var offset = _clock.Offset;

        _clock.Hear(_here.GetUtcNow() - Ms(500), call: Ms(1_000));

        _clock.Offset.ShouldBe(offset);
    }

    [Fact]
    public void Hear_LongAfterABetterOne_Counts()
    {
        _clock.Hear(_here.GetUtcNow(), call: Ms(1));
        _here.Pass(TimeSpan.FromHours(1));

        _clock.Hear(_here.GetUtcNow() - Ms(100), call: Ms(20));

        _clock.Offset.TotalMilliseconds.ShouldBe(100 - 10 - 0.5);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
