using System.Diagnostics;
using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class LongMailboxCase() : Case(
    "long", "One mailbox with 10,000 messages waiting, and its receiver connects; five of them, one after the other. Seconds are for one.")
{
    private const int Mailboxes = 5;
    private const int Each = 10_000;

    public override IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan];

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.Seconds, Metric.Throughput, Metric.TotalMicros, Metric.ServerMicros, Metric.RedisMicros, Metric.ServerMegabytes];

    public override PeerOptions Adjust(PeerOptions options) => options with { MaxMessages = 2 * Each };

    public override IReadOnlyList<Point> Points(Scale scale) => [new("10,000")];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale)
    {
        using var traffic = new Traffic(peer, Mailboxes, UsualBody, Mailboxes);
        traffic.Fill(Each);
        Meter.Settle(peer);
        var meter = Meter.Start(peer);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Mailboxes; i++)
        {
            traffic.OpenOne(i, Transport.Sse);
            traffic.Drain((i + 1) * Each);
        }

        var seconds = Stopwatch.GetElapsedTime(start, traffic.Arrivals.LastAt).TotalSeconds / Mailboxes;
        var values = meter.Read(traffic.Arrivals.Count, traffic.Arrivals);
        values[Metric.Seconds] = seconds;
        return (values, traffic.Arrivals.Fault);
    }
}
