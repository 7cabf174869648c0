using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class UnicastCase() : Case(
    "unicast", "One POST per message of 200 bytes, 500 mailboxes with an SSE receiver each; as fast as they are answered, and at fixed rates.")
{
    public override bool IsInShort => true;

    public override IReadOnlyList<Metric> Columns { get; } =
    [
        Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros,
        Metric.P50, Metric.P99, Metric.P999, Metric.ServerMegabytes, Metric.RedisMegabytes,
    ];

    public override IReadOnlyList<Point> Points(Scale scale) => scale.IsShort
        ? [new("saturation"), new("2,000/s", 2_000)]
        : [new("saturation"), new("1,000/s", 1_000), new("2,000/s", 2_000), new("4,000/s", 4_000)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale) =>
        Steady(peer, scale, rate: point.Number);
}
