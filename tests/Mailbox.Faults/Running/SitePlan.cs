namespace Mailbox.Faults.Running;

/// <summary>What a fault needs to stand on. Faults with equal plans take turns on one site.</summary>
internal sealed record SitePlan
{
    public RedisKind Redis { get; init; } = RedisKind.Single;

    /// <summary>Lines of redis.conf, separated by semicolons.</summary>
    public string RedisConfiguration { get; init; } = "appendonly yes; appendfsync always";

    /// <summary>With <see cref="RedisKind.Single"/>: bytes of a disk of its own; 0 for the machine's.</summary>
    public long RedisDisk { get; init; }

    public int Nodes { get; init; } = 3;

    /// <summary>How far the clock of the first node is off.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Settings of every node beside the run's own, as <c>Mailbox:MaxMessages=100</c>, separated by semicolons.</summary>
    public string NodeSettings { get; init; } = "";

    public IEnumerable<KeyValuePair<string, string>> RedisOptions => Pairs(RedisConfiguration, ' ');

    public IEnumerable<KeyValuePair<string, string>> NodeOptions => Pairs(NodeSettings, '=');

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string text, char separator) =>
        text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(separator, 2, StringSplitOptions.TrimEntries))
            .Select(pair => KeyValuePair.Create(pair[0], pair[1]));
}

internal enum RedisKind
{
    /// <summary>One server.</summary>
    Single,

    /// <summary>A primary, a replica, and three Sentinels.</summary>
    Failover,

    /// <summary>Three primaries with a replica each.</summary>
    Cluster,

    /// <summary>One server and every node in a network namespace of its own.</summary>
    Namespaces,
}
