using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class BacklogCase() : Case(
    "backlog", "2,000 mailboxes with 10 messages waiting in each; all receivers connect, 256 at a time. Until the last message has arrived.")
{
    private const int Mailboxes = 2_000;
    private const int Each = 10;

    public override bool IsInShort => true;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros];

    public override IReadOnlyList<Point> Points(Scale scale) => [new("2,000 × 10")];

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
        traffic.Fill(Each);
        Meter.Settle(peer);
        var meter = Meter.Start(peer);
        traffic.Open(Transport.Sse);
        traffic.Drain();
        return (meter.Read(traffic.Arrivals.Count, traffic.Arrivals), traffic.Arrivals.Fault);
    }
}
