using System.Diagnostics.Metrics;
using System.Text;
using Mailbox.Mailboxes;
using Mailbox.Telemetry;

namespace MailboxServer.Tests.Telemetry;

/// <summary>The page's form. Instruments of this test's own, under the node's meter: others count in the same process.</summary>
public sealed class MetricsPageTests : IDisposable
{
    private readonly HandClock _clock = new();
    private readonly Meter _meter = new(NodeMetrics.Name);
    private readonly MetricsPage _page;

    public MetricsPageTests() => _page = new MetricsPage(null, _clock);

    public void Dispose()
    {
        _page.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Read_Counter_EndsInTotalAndTellsWhatItIs()
    {
        var counter = _meter.CreateCounter<long>("test.things.done", "{thing}", "Things, with a \\ and\na line end.");
        counter.Add(2);
        counter.Add(3);

        Lines("test_things_done").ShouldBe(
        [
            @"# HELP test_things_done_total Things, with a \\ and\na line end.",
            "# TYPE test_things_done_total counter",
            "test_things_done_total 5",
        ]);
    }

    [Fact]
    public void Read_Tags_AreLabelsAndEscaped()
    {
        var counter = _meter.CreateCounter<long>("test.tagged");
        counter.Add(1, new KeyValuePair<string, object?>("the.kind", "a\"b\\c\nd"));
        counter.Add(4, new KeyValuePair<string, object?>("the.kind", "e"), new KeyValuePair<string, object?>("port", 80));

        Lines("test_tagged").ShouldContain(@"test_tagged_total{the_kind=""a\""b\\c\nd""} 1");
        Lines("test_tagged").ShouldContain(@"test_tagged_total{the_kind=""e"",port=""80""} 4");
    }

    [Fact]
    public void Read_Histogram_CountsUpFromBucketToBucket()
    {
        var histogram = _meter.CreateHistogram(
            "test.wait", "s", "A wait.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 1] });
        foreach (var value in new[] { 0.125, 0.25, 0.5, 8 })
        {
            histogram.Record(value);
        }

        Lines("test_wait").ShouldBe(
        [
            "# HELP test_wait_seconds A wait.",
            "# TYPE test_wait_seconds histogram",
            "test_wait_seconds_bucket{le=\"0.25\"} 2",
            "test_wait_seconds_bucket{le=\"1\"} 3",
            "test_wait_seconds_bucket{le=\"+Inf\"} 4",
            "test_wait_seconds_sum 8.875",
            "test_wait_seconds_count 4",
        ]);
    }

    [Fact]
    public void Read_GaugesOfBothKinds_SayWhatIsNow()
    {
        var bytes = 7;
        _meter.CreateObservableGauge("test.held", () => bytes, "By", "Held.");
        var open = _meter.CreateUpDownCounter<long>("test.open");
        open.Add(3);
        open.Add(-1);

        Lines("test_held").ShouldContain("test_held_bytes 7");
        Lines("test_open").ShouldContain("test_open 2");

        bytes = 5;
        _clock.Pass(TimeSpan.FromSeconds(1));
        Lines("test_held").ShouldContain("test_held_bytes 5");
    }

    [Fact]
    public void Read_WithinASecond_IsMadeOnce()
    {
        var looks = 0;
        _meter.CreateObservableGauge("test.looks", () => ++looks);

        for (var i = 0; i < 100; i++)
        {
            _page.Read();
        }

        looks.ShouldBe(1);
        _clock.Pass(TimeSpan.FromSeconds(1));
        _page.Read();
        looks.ShouldBe(2);
    }

    [Fact]
    public void Read_TagsWithoutEnd_KeepThePageBounded()
    {
        var counter = _meter.CreateCounter<long>("test.endless");
        for (var i = 0; i < 10_000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("of", i));
        }

        Lines("test_endless").Count.ShouldBe(2 + 200);
    }

    [Fact]
    public void Read_CountedFromManyThreads_LosesNothing()
    {
        var counter = _meter.CreateCounter<long>("test.together");
        var histogram = _meter.CreateHistogram(
            "test.together.wait", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });
        using var together = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            together.SignalAndWait();
            for (var i = 0; i < 250_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("of", "all"));
                histogram.Record(0.5);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Lines("test_together_total").ShouldContain("test_together_total{of=\"all\"} 1000000");
        Lines("test_together_wait").ShouldContain("test_together_wait_seconds_bucket{le=\"1\"} 1000000");
        Lines("test_together_wait").ShouldContain("test_together_wait_seconds_sum 500000");
    }

    [Fact]
    public void Read_MeterThatIsOver_IsNotThereAnyMore()
    {
        using (var brief = new Meter(NodeMetrics.Name))
        {
            brief.CreateCounter<long>("test.brief").Add(1);
            Lines("test_brief").ShouldNotBeEmpty();
        }

        _clock.Pass(TimeSpan.FromSeconds(1));
        Lines("test_brief").ShouldBeEmpty();
    }

    private List<string> Lines(string name) =>
        [.. Encoding.UTF8.GetString(_page.Read()).Split('\n').Where(line => line.TrimStart('#', ' ').Replace("HELP ", "", StringComparison.Ordinal)
            .Replace("TYPE ", "", StringComparison.Ordinal).StartsWith(name, StringComparison.Ordinal))];
}
