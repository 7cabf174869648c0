using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class StormCase() : Case(
    "storm", "4,000 receivers lose their connections, a message comes for each, and all come back with their cursors, 256 at a time. Until each has its message; figures are per reconnect.")
{
    private const int Mailboxes = 4_000;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.ServerMegabytes];

    public override IReadOnlyList<Point> Points(Scale scale) => [new("4,000", Mailboxes)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale)
    {
        if (!peer.IsWarm)
        {
            Once(peer, scale);
            peer.IsWarm = true;
        }

        return Once(peer, scale);
    }

    private static (IReadOnlyDictionary<Metric, double> Values, string? Fault) Once(Peer peer, Scale scale)
    {
        using var traffic = new Traffic(peer, Mailboxes, UsualBody, scale.Senders);
        traffic.Open(Transport.Sse, keepCursors: true);
        traffic.Fill(1);
        traffic.Drain();
        var cursors = traffic.Cursors();
        if (cursors.Any(cursor => cursor is null))
        {
            traffic.Arrivals.Break("a receiver has no cursor");
        }

        traffic.CloseReceivers();
        Meter.Settle(peer);
        traffic.Fill(1);
        Meter.Settle(peer);
        var meter = Meter.Start(peer);
        traffic.Open(Transport.Sse, cursors: cursors);
        traffic.Drain();
        return (meter.Read(Mailboxes, traffic.Arrivals), traffic.Arrivals.Fault);
    }
}
