using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class TransportCase() : Case(
    "transport", "As unicast at saturation, with every transport. For nchan, NDJSON stands for its raw stream.")
{
    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.P50, Metric.P99, Metric.P999];

    public override IReadOnlyList<Point> Points(Scale scale) =>
        [.. Enum.GetValues<Transport>().Select(transport => new Point($"{transport}", (int)transport))];

    public override bool CanDo(PeerKind kind, Point point) => kind switch
    {
        PeerKind.SignalR => (Transport)point.Number == Transport.WebSocket,
        PeerKind.Floor => (Transport)point.Number == Transport.Sse,
        _ => true,
    };

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale) =>
        Steady(peer, scale, transport: (Transport)point.Number);
}
