using Mailbox;
using Mailbox.Endpoints;

namespace MailboxServer.Tests.Endpoints;

[Collection(AllocationTests.Name)]
public class CallerRatesTests
{
    [Fact]
    public void RefusalOfOpen_OverTheBurst_RefusedByCallerWithATimeToComeBack()
    {
        using var rates = new CallerRates(new MailboxOptions { Limits = new LimitOptions { OpensPerSecond = 1, OpenBurst = 20 } });
        var answers = Enumerable.Range(0, 2_000).Select(_ => rates.RefusalOfOpen("a")).ToList();
        answers.Count(answer => answer is null).ShouldBeInRange(20, 80); // and one more for each second that this takes
        answers.OfType<Problem>().ShouldAllBe(problem => problem.Status == 429 && problem.RetryAfter >= 1);
        rates.RefusalOfOpen("b").ShouldBeNull();
    }

    [Fact]
    public void RefusalOfOpen_AMillionCallers_BoundedMemory()
    {
        using var rates = new CallerRates(new MailboxOptions());
        rates.RefusalOfOpen("first");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 1_000_000; i++)
        {
            rates.RefusalOfOpen($"address 192.0.2.{i}");
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(64 * 1024 * 1024);
        GC.KeepAlive(rates);
    }

    [Fact]
    public void RefusalOfOpen_Off_Never()
    {
        using var rates = new CallerRates(new MailboxOptions { Limits = new LimitOptions { OpensPerSecond = 0, OpenBurst = 1 } });
        Enumerable.Range(0, 100).ShouldAllBe(_ => rates.RefusalOfOpen("a") == null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(1_000)]
    [InlineData(123_456)]
    public void RefusalOfOpen_AnyRate_AllowedToBeSet(int perSecond)
    {
        using var rates = new CallerRates(new MailboxOptions { Limits = new LimitOptions { OpensPerSecond = perSecond, OpenBurst = 1 } });
        rates.RefusalOfOpen("a").ShouldBeNull();
    }
}
