namespace Mailbox.Bench.Peers;

/// <summary>How every peer is started.</summary>
internal sealed record PeerOptions
{
    /// <summary>Mailbox:MaxMessages as it ships.</summary>
    public const int UsualMessages = 1_000;

    /// <summary>Whether Redis keeps an append-only file (written once a second). The same for all who have a Redis.</summary>
    public bool AppendOnly { get; init; }

    /// <summary>The most messages that a mailbox holds.</summary>
    public int MaxMessages { get; init; } = UsualMessages;

    /// <summary>nginx's worker processes; 0 for one a core.</summary>
    public int NginxWorkers { get; init; }

    public IDictionary<string, string> RedisSettings => new Dictionary<string, string>
    {
        ["appendonly"] = AppendOnly ? "yes" : "no",
        ["appendfsync"] = "everysec",
        ["save"] = "\"\"",
    };
}
