using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class BareRedisCase() : Case(
    "bare", "Four commands to Redis per message, pipelined on one connection; 500 mailboxes with an SSE receiver each.")
{
    public override bool IsInShort => true;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.P50, Metric.P99, Metric.P999];

    public override IReadOnlyList<Point> Points(Scale scale) => [new("pipelined")];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale)
    {
        using var traffic = new Traffic(peer, UsualMailboxes, UsualBody, senders: 0);
        traffic.Open(Transport.Sse);
        using var sender = new BareRedisSender(traffic.Loop, peer.Redis!.Port, traffic.Arrivals, traffic.Names, UsualBody);
        Deliver(traffic, sender, peer.IsWarm ? scale.WarmUp : scale.FirstWarmUp);
        peer.IsWarm = true;

        Meter.Settle(peer);
        traffic.Arrivals.ForgetLatencies();
        var before = sender.Sent;
        var meter = Meter.Start(peer);
        Deliver(traffic, sender, scale.Duration);
        return (meter.Read(sender.Sent - before, traffic.Arrivals), traffic.Arrivals.Fault);
    }

    private static void Deliver(Traffic traffic, BareRedisSender sender, TimeSpan duration)
    {
        traffic.Loop.Run(
            () =>
            {
                sender.Fill();
                return traffic.Arrivals.Fault is not null;
            },
            duration);
        traffic.Drain(sender.Sent);
    }
}
