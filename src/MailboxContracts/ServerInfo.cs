namespace Mailbox.Contracts;

/// <summary>What a node and its store are.</summary>
public sealed record ServerInfo
{
    /// <summary>The node's id, random for each start.</summary>
    public required string Node { get; init; }

    /// <summary>The server's version.</summary>
    public required string Version { get; init; }

    /// <summary>starting, ready or draining.</summary>
    public required string State { get; init; }

    /// <summary>The Redis contract that this server writes by.</summary>
    public required int Contract { get; init; }

    /// <summary>Open streams and waiting long-polls.</summary>
    public required int Connections { get; init; }

    /// <summary>The mailboxes among them.</summary>
    public required int WakeChannels { get; init; }

    /// <summary>The store.</summary>
    public required StoreInfo Store { get; init; }
}

/// <summary>What the store says of itself: unknown where it does not tell, mixed where the primaries of a cluster differ.</summary>
public sealed record StoreInfo
{
    /// <summary>answering or away; when it is away, nothing else is told.</summary>
    public required string State { get; init; }

    /// <summary>redis, valkey or garnet.</summary>
    public string? Engine { get; init; }

    /// <summary>The engine's version.</summary>
    public string? Version { get; init; }

    /// <summary>standalone or cluster.</summary>
    public string? Mode { get; init; }

    /// <summary>Its setting <c>appendonly</c>.</summary>
    public string? AppendOnly { get; init; }

    /// <summary>Its setting <c>appendfsync</c>.</summary>
    public string? AppendFsync { get; init; }

    /// <summary>Its setting <c>maxmemory-policy</c>.</summary>
    public string? EvictionPolicy { get; init; }

    /// <summary>Its setting <c>min-replicas-to-write</c>.</summary>
    public string? MinReplicasToWrite { get; init; }

    /// <summary>How many replicas are connected now; in a cluster, to the primary that has the fewest.</summary>
    public int? Replicas { get; init; }

    /// <summary>What becomes of accepted messages.</summary>
    public Survival? AcceptedMessagesSurvive { get; init; }
}

/// <summary>Which accepted messages are still there after each kind of failure of the store.</summary>
/// <param name="ProcessCrash">Redis itself ends at once; its machine goes on.</param>
/// <param name="PowerLoss">Its machine ends at once; the disk is as it was.</param>
/// <param name="Failover">It is gone, and a replica stands in.</param>
public sealed record Survival(Survivors ProcessCrash, Survivors PowerLoss, Survivors Failover);

/// <summary>Which messages survive.</summary>
/// <param name="Messages">all, most, none or unknown.</param>
/// <param name="Meaning">What that means, in a sentence.</param>
public sealed record Survivors(string Messages, string Meaning);
