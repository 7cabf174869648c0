using System.Diagnostics.Metrics;
using Mailbox.Mailboxes;

namespace Mailbox.Telemetry;

/// <summary>
/// The page that Prometheus reads: listens to the node's own meter, to some instruments of the runtime and to the web
/// server's. Made at most once a second, however many ask. Thread-safe.
/// </summary>
internal sealed class MetricsPage : IDisposable
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    /// <summary>Of others: what tells whether a node is well, and has tags with few values.</summary>
    private static readonly Dictionary<string, MetricKind> Others = new()
    {
        ["dotnet.process.cpu.time"] = MetricKind.Counter,
        ["dotnet.process.memory.working_set"] = MetricKind.Gauge,
        ["dotnet.gc.collections"] = MetricKind.Counter,
        ["dotnet.gc.pause.time"] = MetricKind.Counter,
        ["dotnet.gc.heap.total_allocated"] = MetricKind.Counter,
        ["dotnet.gc.last_collection.heap.size"] = MetricKind.Gauge,
        ["dotnet.thread_pool.thread.count"] = MetricKind.Gauge, // counters to the runtime, and go down all the same
        ["dotnet.thread_pool.queue.length"] = MetricKind.Gauge,
        ["dotnet.monitor.lock_contentions"] = MetricKind.Counter,
        ["kestrel.active_connections"] = MetricKind.Gauge,
        ["kestrel.rejected_connections"] = MetricKind.Counter,
    };

    private readonly Lock _gate = new();
    private readonly Dictionary<Instrument, MetricFamily> _families = [];
    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;
    private byte[] _page = [];
    private long _made;

    /// <param name="gauges">Those that are there before the page is: they are looked at when it is made.</param>
    /// <param name="time">The clock that a page ages by.</param>
    public MetricsPage(NodeGauges? gauges, TimeProvider time)
    {
        _ = gauges;
        _time = time;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            MetricKind? kind = instrument.Meter.Name == NodeMetrics.Name ? MetricFamily.KindOf(instrument)
                : Others.TryGetValue(instrument.Name, out var known) ? known
                : null;
            if (kind is { } its)
            {
                var family = MetricFamily.Of(instrument, its);
                lock (_gate)
                {
                    _families[instrument] = family;
                }

                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) =>
        {
            lock (_gate)
            {
                _families.Remove(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>What was measured by this instrument, by its tags; nothing when it is none of those that are listened to.</summary>
    public IReadOnlyList<MetricSeries> SeriesOf(Instrument instrument)
    {
        lock (_gate)
        {
            return _families.TryGetValue(instrument, out var family) ? family.Series : [];
        }
    }

    public byte[] Read()
    {
        lock (_gate)
        {
            if (_page.Length == 0 || _time.GetElapsedTime(_made) >= Age)
            {
                _listener.RecordObservableInstruments();
                _page = ExpositionWriter.Write(_families.Values);
                _made = _time.GetTimestamp();
            }

            return _page;
        }
    }

    public void Dispose() => _listener.Dispose();
}
