using Mailbox.Faults.Running;
using Shouldly;

namespace Mailbox.Faults.Tests;

public sealed class MemoryTrendTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public void A_leak_that_never_ends_is_growth() =>
        TrendOf(Enumerable.Range(0, 60).Select(i => (100 + (2L * i)) * Megabyte)).IsGrowing.ShouldBeTrue();

    [Fact]
    public void A_leak_that_only_began_in_the_second_half_is_growth() =>
        TrendOf(Enumerable.Range(0, 60).Select(i => (100 + Math.Max(0, 3L * (i - 30))) * Megabyte)).IsGrowing.ShouldBeTrue();

    [Fact]
    public void A_burst_is_none_not_even_as_the_last_reading() =>
        TrendOf(Enumerable.Range(0, 60).Select(i => (i is 20 or 40 or 59 ? 300 : 120) * Megabyte)).IsGrowing.ShouldBeFalse();

    [Fact]
    public void A_young_process_may_fill_its_tables() =>
        TrendOf(Enumerable.Range(0, MemoryTrend.LeastReadings - 1).Select(i => (50 + (20L * i)) * Megabyte)).IsGrowing.ShouldBeFalse();

    [Fact]
    public void Without_a_reading_nothing_grows() => new MemoryTrend().IsGrowing.ShouldBeFalse();

    private static MemoryTrend TrendOf(IEnumerable<long> readings)
    {
        var trend = new MemoryTrend();
        foreach (var bytes in readings)
        {
            trend.Add(bytes);
        }

        return trend;
    }
}
