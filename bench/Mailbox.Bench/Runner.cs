using System.Globalization;
using Mailbox.Bench.Cases;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;
using Mailbox.TestKit;

namespace Mailbox.Bench;

/// <summary>Measures a case on all peers, one after the other in every round.</summary>
internal sealed class Runner(Scale scale, PeerOptions options, TextWriter log)
{
    /// <summary>Bytes: far less than any measurement brings to a Redis that is used.</summary>
    private const long LeastRedisInput = 100_000;

    /// <summary>Another build's assembly, measured beside this one; null for none.</summary>
    public string? Before { get; init; }

    public IReadOnlyList<PeerKind> Without { get; init; } = [];

    /// <summary>Whether it tells what each Redis was asked.</summary>
    public bool TellsCommands { get; init; }

    public async Task<IReadOnlyList<Sample>> RunAsync(Case @case)
    {
        await log.WriteLineAsync($"\n{@case.Name}: {@case.What}");
        var kinds = @case.Peers.SelectMany(kind => kind == PeerKind.Mailbox && Before is not null ? [kind, PeerKind.Before] : new[] { kind })
            .Except(Without)
            .ToList();
        var kept = new Dictionary<PeerKind, Peer>();
        var samples = new List<Sample>();
        try
        {
            for (var round = 1; round <= scale.Rounds; round++)
            {
                foreach (var point in @case.Points(scale))
                {
                    // Nobody is always the first.
                    foreach (var kind in kinds.Skip(round % kinds.Count).Concat(kinds.Take(round % kinds.Count)))
                    {
                        if (@case.CanDo(kind, point))
                        {
                            samples.Add(await MeasureAsync(@case, kind, point, round, kept));
                        }
                    }
                }
            }
        }
        finally
        {
            foreach (var peer in kept.Values)
            {
                await peer.DisposeAsync();
            }
        }

        return samples;
    }

    private async Task<Sample> MeasureAsync(Case @case, PeerKind kind, Point point, int round, Dictionary<PeerKind, Peer> kept)
    {
        if (!kept.TryGetValue(kind, out var peer))
        {
            kept[kind] = peer = await StartAsync(kind, @case.Adjust(options));
            var store = peer.Redis is { } redis ? $", Redis process {redis.Pid} on port {redis.Port}" : "";
            await log.WriteLineAsync($"  {peer.Name}: process {peer.ServerPid} on port {peer.Port}{store}");
        }

        Meter.Settle(peer);
        if (TellsCommands && peer.Redis is not null)
        {
            await peer.Redis.ExecuteAsync("CONFIG", "RESETSTAT");
        }

        var inputBefore = await RedisInputAsync(peer);
        var (values, fault) = @case.Measure(peer, point, scale);
        if (peer.Redis is not null && await RedisInputAsync(peer) - inputBefore < LeastRedisInput)
        {
            fault ??= "its Redis took no part";
        }

        var sample = new Sample(point.Name, peer.Name, round, values, fault);
        await log.WriteLineAsync(LineOf(@case, sample));
        if (TellsCommands && peer.Redis is not null)
        {
            await log.WriteLineAsync(RedisCli.TextOf(await peer.Redis.ExecuteAsync("INFO", "commandstats")));
        }

        if (@case.NeedsFreshPeer || fault is not null)
        {
            kept.Remove(kind);
            await peer.DisposeAsync();
        }

        return sample;
    }

    private Task<Peer> StartAsync(PeerKind kind, PeerOptions adjusted) => kind switch
    {
        PeerKind.Mailbox => MailboxPeer.StartAsync("Mailbox", null, adjusted),
        PeerKind.Before => MailboxPeer.StartAsync("Mailbox before", Before, adjusted),
        PeerKind.Nchan => NchanPeer.StartAsync(adjusted),
        PeerKind.SignalR => SignalRPeer.StartAsync(),
        _ => FloorPeer.StartAsync(),
    };

    private static async Task<long> RedisInputAsync(Peer peer) => peer.Redis is { } redis
        ? long.Parse((await redis.InfoAsync("stats", "total_net_input_bytes"))!, CultureInfo.InvariantCulture)
        : 0;

    private static string LineOf(Case @case, Sample sample)
    {
        if (sample.Fault is not null)
        {
            return $"  {sample.Round} {sample.Point,-12} {sample.Peer,-14} VOID: {sample.Fault}";
        }

        var figures = @case.Columns.Concat([Metric.LoadMicros, Metric.Others])
            .Where(sample.Values.ContainsKey)
            .Select(metric => string.Create(
                CultureInfo.InvariantCulture, $"{metric.Name} {sample.Values[metric].ToString(metric.Format, CultureInfo.InvariantCulture)}"));
        return $"  {sample.Round} {sample.Point,-12} {sample.Peer,-14} {string.Join(", ", figures)}";
    }
}
