namespace Mailbox.TestKit;

/// <summary>
/// A sentinel: <c>redis-server --sentinel</c>. It takes a primary for down after three seconds (a busy machine pauses for one), and gives the replicas five to
/// be told of the next.
/// </summary>
public sealed class RedisSentinel : RedisEngine
{
    internal const string Watched = "mailbox";

    private const string Configuration = "sentinel.conf";
    private const int Quorum = 2;

    private readonly RedisServer _primary;

    private RedisSentinel(RedisServer primary) => _primary = primary;

    public override bool HasFunctions => false;

    public static async Task<RedisSentinel> StartAsync(RedisServer primary, CancellationToken cancellationToken = default)
    {
        var sentinel = new RedisSentinel(primary);
        await sentinel.FirstStartAsync(cancellationToken);
        return sentinel;
    }

    /// <summary>The port of the server that this sentinel names as the primary.</summary>
    public async Task<int> PrimaryPortAsync()
    {
        var reply = (object?[])(await ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Watched))!;
        return int.Parse(RedisCli.TextOf(reply[1])!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>How many of a kind (<c>replicas</c>, <c>sentinels</c>) it knows, and holds for alive.</summary>
    public async Task<int> CountAsync(string kind)
    {
        var known = (object?[])(await ExecuteAsync("SENTINEL", kind, Watched))!;
        return known.Count(one => FieldOf((object?[])one!, "flags") is { } flags && !flags.Contains("down", StringComparison.Ordinal)
            && !flags.Contains("disconnected", StringComparison.Ordinal));
    }

    // Its file is also its memory: it writes there what it has learnt.
    protected override Task PrepareAsync(CancellationToken cancellationToken) => File.WriteAllLinesAsync(
        Path.Combine(DataDirectory, Configuration),
        [
            $"port {Port}",
            $"bind {Address}",
            "daemonize no",
            $"sentinel monitor {Watched} {_primary.Address} {_primary.Port} {Quorum}",
            $"sentinel down-after-milliseconds {Watched} 3000",
            $"sentinel failover-timeout {Watched} 5000",
            $"sentinel parallel-syncs {Watched} 5",
        ],
        cancellationToken);

    protected override Task<WatchedProcess> StartProcessAsync(CancellationToken cancellationToken) =>
        WatchedProcess.StartAsync(
            Tools.Find("redis-server", "apt-get install redis-server"),
            [Configuration, "--sentinel"],
            workingDirectory: DataDirectory,
            cancellationToken: cancellationToken);

    private static string? FieldOf(object?[] fields, string name)
    {
        var place = Array.FindIndex(fields, field => RedisCli.TextOf(field) == name);
        return place < 0 ? null : RedisCli.TextOf(fields[place + 1]);
    }
}
