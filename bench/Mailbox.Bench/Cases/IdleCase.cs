using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

internal sealed class IdleCase() : Case(
    "idle", "Open receivers to whom nothing is delivered: what each keeps of memory, server and Redis, and the CPU of all of them.")
{
    public override bool NeedsFreshPeer => true;

    public override IReadOnlyList<Metric> Columns { get; } =
        [Metric.ConnectionKilobytes, Metric.ServerKilobytes, Metric.IdleCpu, Metric.ServerMegabytes, Metric.RedisMegabytes];

    public override IReadOnlyList<Point> Points(Scale scale) => scale.IsShort
        ? [new("4,000", 4_000)]
        : [new("1,000", 1_000), new("2,000", 2_000), new("4,000", 4_000), new("8,000", 8_000)];

    public override (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale)
    {
        // Code that runs for the first time and the first heap are not the connections' cost.
        Steady(peer, scale with { IsShort = true }, mailboxes: 100);
        Meter.Settle(peer);
        var (serverBefore, redisBefore) = Memory(peer);

        using var traffic = new Traffic(peer, point.Number, UsualBody, scale.Senders);
        traffic.Open(Transport.Sse);
        Meter.Settle(peer);
        var meter = Meter.Start(peer);
        traffic.Loop.Run(TimeSpan.FromSeconds(scale.IsShort ? 5 : 16)); // one heartbeat of each, at least
        var values = meter.ReadIdle();
        var (server, redis) = Memory(peer);
        values[Metric.ConnectionKilobytes] = (server - serverBefore + redis - redisBefore) / 1024.0 / point.Number;
        values[Metric.ServerKilobytes] = (server - serverBefore) / 1024.0 / point.Number;
        values[Metric.ServerMegabytes] = server / 1e6;
        if (peer.Redis is not null)
        {
            values[Metric.RedisMegabytes] = redis / 1e6;
        }

        traffic.Fill(1); // every one of them was really there
        traffic.Drain();
        return (values, traffic.Arrivals.Fault);
    }

    private static (long Server, long Redis) Memory(Peer peer) => (
        ProcessTimes.ResidentBytes(peer.ServerPid),
        peer.Redis is { } redis ? ProcessTimes.ResidentBytes(redis.Pid) : 0);
}
