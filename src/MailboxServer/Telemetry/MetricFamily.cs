using System.Diagnostics.Metrics;

namespace Mailbox.Telemetry;

/// <summary>
/// All series of one instrument, under the name that Prometheus knows it by. Bounded: an instrument whose tags take more
/// values than that loses the rest of them, and the page stays what it is. Thread-safe.
/// </summary>
internal sealed class MetricFamily
{
    private const int MostSeries = 200;

    private readonly Lock _gate = new();
    private readonly bool _isTotal;
    private MetricSeries[] _series = [];

    private MetricFamily(string name, MetricKind kind, string help, double[] bounds, bool isTotal)
    {
        (Name, Kind, Help, Bounds) = (name, kind, help, bounds);
        _isTotal = isTotal;
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    public string Help { get; }

    /// <summary>A histogram's.</summary>
    public IReadOnlyList<double> Bounds { get; }

    public IReadOnlyList<MetricSeries> Series => Volatile.Read(ref _series);

    public static MetricKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : MetricKind.Gauge;
    }

    public static MetricFamily Of(Instrument instrument, MetricKind kind)
    {
        double[] bounds = kind == MetricKind.Histogram && instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised }
            ? [.. advised]
            : [];
        return new MetricFamily(
            PrometheusName.Of(instrument.Name, instrument.Unit, kind), kind, instrument.Description ?? instrument.Name, bounds, instrument.IsObservable);
    }

    public void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
        {
            return;
        }

        if (_isTotal)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(tags) is not { } series)
        {
            return;
        }

        if (Kind == MetricKind.Histogram)
        {
            series.Measure(value);
        }
        else if (_isTotal)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        FindIn(Volatile.Read(ref _series), tags) ?? Add(tags);

    private MetricSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (FindIn(_series, tags) is { } found || _series.Length == MostSeries)
            {
                return FindIn(_series, tags);
            }

            var series = new MetricSeries(tags.ToArray(), [.. Bounds]);
            Volatile.Write(ref _series, [.. _series, series]);
            return series;
        }
    }

    private static MetricSeries? FindIn(MetricSeries[] all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in all)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        return null;
    }
}
