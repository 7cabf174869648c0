using System.Diagnostics;
using Mailbox.Bench.Load;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Measuring;

/// <summary>What a peer has used since the meter was started.</summary>
internal sealed class Meter
{
    private readonly Peer _peer;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly Reading _start;

    private Meter(Peer peer)
    {
        _peer = peer;
        _start = Reading.Of(peer);
    }

    public static Meter Start(Peer peer) => new(peer);

    /// <summary>Waits until the peer has done with what came before: the ends of streams, its own compiler.</summary>
    public static void Settle(Peer peer)
    {
        for (var i = 0; i < 30; i++)
        {
            var before = Reading.Of(peer);
            Thread.Sleep(100);
            var after = Reading.Of(peer);
            if (after.Server + after.Redis - before.Server - before.Redis < 0.015)
            {
                return;
            }
        }
    }

    /// <summary>The figures of a stretch in which so many messages were delivered; the last arrived at a time.</summary>
    public Dictionary<Metric, double> Read(long messages, Arrivals arrivals)
    {
        var now = Reading.Of(_peer);
        var wall = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        var (server, redis, load) = (now.Server - _start.Server, now.Redis - _start.Redis, now.Load - _start.Load);
        var others = Math.Max(0, now.Busy - _start.Busy - server - redis - load) + now.Stolen - _start.Stolen;
        var values = new Dictionary<Metric, double>
        {
            [Metric.Throughput] = messages / Stopwatch.GetElapsedTime(_startedAt, arrivals.LastAt).TotalSeconds,
            [Metric.TotalMicros] = (server + redis) * 1e6 / messages,
            [Metric.ServerMicros] = server * 1e6 / messages,
            [Metric.P50] = arrivals.Latency(0.5),
            [Metric.P99] = arrivals.Latency(0.99),
            [Metric.P999] = arrivals.Latency(0.999),
            [Metric.ServerMegabytes] = ProcessTimes.ResidentBytes(_peer.ServerPid) / 1e6,
            [Metric.LoadMicros] = load * 1e6 / messages,
            [Metric.Others] = others / wall / Environment.ProcessorCount * 100,
        };
        if (_peer.Redis is { } store)
        {
            values[Metric.RedisMicros] = redis * 1e6 / messages;
            values[Metric.RedisMegabytes] = ProcessTimes.ResidentBytes(store.Pid) / 1e6;
        }

        return values;
    }

    /// <summary>The figures of a stretch in which nothing was delivered.</summary>
    public Dictionary<Metric, double> ReadIdle()
    {
        var now = Reading.Of(_peer);
        var wall = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        var used = now.Server + now.Redis - _start.Server - _start.Redis;
        var others = Math.Max(0, now.Busy - _start.Busy - used - (now.Load - _start.Load)) + now.Stolen - _start.Stolen;
        return new()
        {
            [Metric.IdleCpu] = used * 1000 / wall,
            [Metric.Others] = others / wall / Environment.ProcessorCount * 100,
        };
    }

    private readonly record struct Reading(double Server, double Redis, double Load, double Busy, double Stolen)
    {
        public static Reading Of(Peer peer)
        {
            var (busy, stolen) = ProcessTimes.Machine();
            return new Reading(
                ProcessTimes.CpuSeconds(peer.ServerPid),
                peer.Redis is { } redis ? ProcessTimes.CpuSeconds(redis.Pid) : 0,
                ProcessTimes.OwnCpuSeconds(Environment.ProcessId),
                busy,
                stolen);
        }
    }
}
