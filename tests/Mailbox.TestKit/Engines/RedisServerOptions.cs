namespace Mailbox.TestKit;

/// <summary>How a <see cref="RedisServer"/> is started.</summary>
public sealed record RedisServerOptions
{
    /// <summary>Lines of redis.conf: <c>["appendonly"] = "yes"</c>, <c>["save"] = "60 1"</c>.</summary>
    public IDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The default user's, where the settings give it one by other means than <c>requirepass</c>.</summary>
    public string? Password { get; init; }

    /// <summary>Where it runs, and whose address it binds; null for the loopback.</summary>
    public NetworkNamespace? Network { get; init; }

    /// <summary>
    /// Bytes of a disk of its own for its data; null for the directory of temporary files. When it is full, a Redis with
    /// <c>appendfsync everysec</c> refuses writes (MISCONF) until there is room, and one with <c>always</c> ends itself.
    /// </summary>
    public long? DataDirectorySize { get; init; }
}
