using Mailbox.Transports;

namespace MailboxServer.Tests.Transports;

public class RetryDelayTests
{
    [Fact]
    public void Milliseconds_ManyTimes_OneToThreeSecondsAndSpread() => ShouldSpread(RetryDelay.Milliseconds, 1_000, 3_000);

    [Fact]
    public void AfterRefusalMilliseconds_ManyTimes_TwoToSixSecondsAndSpread() => ShouldSpread(RetryDelay.AfterRefusalMilliseconds, 2_000, 6_000);

    private static void ShouldSpread(Func<int> next, int least, int most)
    {
        var delays = Enumerable.Range(0, 5_000).Select(_ => next()).ToList();
        delays.ShouldAllBe(delay => delay >= least && delay <= most);
        // Some in each quarter, or clients come back all at once.
        var quarter = (most - least) / 4;
        for (var i = 0; i < 4; i++) delays.ShouldContain(delay => delay >= least + (i * quarter) && delay < least + ((i + 1) * quarter));
    }
}
