using Mailbox.Contracts;

namespace Mailbox.Redis;

/// <summary>
/// What one server's settings mean for a message that was accepted. A WAIT would not tell: on another connection it counts
/// replicas that have nothing of what this one wrote.
/// </summary>
internal static class Durability
{
    /// <summary>From the worst on.</summary>
    private static readonly string[] Words = ["none", EngineInspector.Unknown, "most", "all"];

    private static readonly Survivors Unknown = new(EngineInspector.Unknown, "Redis does not tell its settings.");

    public static Survival Of(string appendOnly, string appendFsync, string minReplicas, int? replicas)
    {
        var none = new Survivors("none", "Nothing is on disk but what a snapshot has.");
        return (appendOnly, appendFsync) switch
        {
            ("no", _) => new Survival(none, none, AfterFailover(minReplicas, replicas)),
            ("yes", "always") => new Survival(
                new("all", "Every message is on disk before it is accepted."),
                new("all", "Every message is on disk before it is accepted, if the disk keeps what it confirms."),
                AfterFailover(minReplicas, replicas)),
            ("yes", "everysec") => new Survival(
                new("most", "All as long as the disk keeps up; what came in the last two seconds may be lost when it does not."),
                new("most", "What came in the last second, or two on a slow disk, may be lost."),
                AfterFailover(minReplicas, replicas)),
            ("yes", "no") => new Survival(
                new("all", "Every message is handed to the system before it is accepted."),
                new("most", "What the system had not yet written, about the last 30 s, may be lost."),
                AfterFailover(minReplicas, replicas)),
            _ => new Survival(Unknown, Unknown, AfterFailover(minReplicas, replicas)),
        };
    }

    /// <summary>The worst of each, over the primaries of a cluster.</summary>
    public static Survival Worst(IReadOnlyCollection<Survival> all) => new(
        all.Select(one => one.ProcessCrash).MinBy(Rank)!,
        all.Select(one => one.PowerLoss).MinBy(Rank)!,
        all.Select(one => one.Failover).MinBy(Rank)!);

    /// <summary>Never all: a replica gets a message after its sender was answered.</summary>
    private static Survivors AfterFailover(string minReplicas, int? replicas) => (replicas, minReplicas) switch
    {
        (null, _) => Unknown,
        (0, _) => new("none", "No replica is connected that could stand in."),
        (_, "0" or EngineInspector.Unknown) =>
            new("most", "What the replica did not have yet is lost: little when it keeps up, any amount when it lags."),
        _ => new("most", "What the replica did not have yet is lost; Redis refuses messages when too few replicas keep up (min-replicas-max-lag)."),
    };

    private static int Rank(Survivors survivors) => Array.IndexOf(Words, survivors.Messages);
}
