using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class ManyCase() : Case(
    "many", "One message to many mailboxes (200 to a request for nchan), all stored. Each has an SSE receiver; of 10,000, the first 8,000 have.")
{
    /// <summary>What the open-file limit of the load program allows, with room.</summary>
    private const int MostReceivers = 8_000;

    public override bool IsInShort => true;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.P50, Metric.P99];

    public override IReadOnlyList<Point> Points(Scale scale) => scale.IsShort
        ? [new("1,000", 1_000)]
        : [new("10", 10), new("100", 100), new("1,000", 1_000), new("10,000", 10_000)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale)
    {
        // Few recipients leave a server idle between two requests: as many senders as make about 1,000 together.
        var groups = Math.Clamp(1_000 / point.Number, 1, scale.Senders);
        var mailboxes = groups * point.Number;
        var receivers = Math.Min(mailboxes, MostReceivers);
        using var traffic = new Traffic(peer, mailboxes, UsualBody, senders: 0);
        traffic.Open(Transport.Sse, receivers);
        var senders = traffic.Names.Chunk(point.Number)
            .Select(names => new ManySender(traffic.Loop, peer, traffic.Arrivals, names, UsualBody))
            .ToList();
        Deliver(traffic, senders, receivers, peer.IsWarm ? scale.WarmUp : scale.FirstWarmUp);
        peer.IsWarm = true;

        Meter.Settle(peer);
        traffic.Arrivals.ForgetLatencies();
        var before = senders.Sum(sender => sender.Sent);
        var meter = Meter.Start(peer);
        Deliver(traffic, senders, receivers, scale.Duration);
        var values = meter.Read((senders.Sum(sender => sender.Sent) - before) * (long)point.Number, traffic.Arrivals);
        senders.ForEach(sender => sender.Dispose());
        return (values, traffic.Arrivals.Fault);
    }

    private static void Deliver(Traffic traffic, List<ManySender> senders, int receivers, TimeSpan duration)
    {
        senders.ForEach(sender => sender.Start());
        traffic.Loop.Run(() => traffic.Arrivals.Fault is not null, duration);
        senders.ForEach(sender => sender.Stop());
        traffic.Wait(() => senders.TrueForAll(sender => !sender.IsBusy), "every delivery to many is answered");
        traffic.Drain(senders.Sum(sender => (long)sender.Sent) * receivers / senders.Count);
    }
}
