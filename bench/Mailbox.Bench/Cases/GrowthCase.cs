using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class GrowthCase() : Case("growth", "2,000 messages a second, to ever more mailboxes with a receiver each.")
{
    private const int Rate = 2_000;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan, PeerKind.Floor];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.P50, Metric.P99, Metric.ServerMegabytes];

    public override IReadOnlyList<Point> Points(Scale scale) =>
        [new("100", 100), new("500", 500), new("2,000", 2_000), new("8,000", 8_000)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale) =>
        Steady(peer, scale, rate: Rate, mailboxes: point.Number);
}
