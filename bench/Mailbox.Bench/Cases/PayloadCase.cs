using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class PayloadCase() : Case("payload", "As unicast at saturation, with bodies of other lengths.")
{
    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.P50, Metric.P99, Metric.ServerMegabytes];

    public override IReadOnlyList<Point> Points(Scale scale) => [new("100 B", 100), new("1 KiB", 1_024), new("16 KiB", 16_384)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale) =>
        Steady(peer, scale, bodyLength: point.Number);
}
