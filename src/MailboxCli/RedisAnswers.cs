using StackExchange.Redis;

namespace Mailbox.Cli;

/// <summary>What the errors of Redis mean to a producer: the table of docs/redis-contract.md.</summary>
internal static class RedisAnswers
{
    private static readonly string[] Passing =
    [
        "OOM", "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING", "NOREPLICAS", "MISCONF", "BUSY",
    ];

    /// <summary>
    /// The exit code. To take a failover, a full Redis or a function that a node is about to register for a refusal would
    /// tell a script to give the message up.
    /// </summary>
    public static int ExitCodeOf(RedisServerException error) =>
        Passing.Contains(error.Message.Split(' ', 2)[0], StringComparer.Ordinal) ||
        error.Message.Contains("Function not found", StringComparison.Ordinal)
            ? ExitCodes.Unavailable
            : ExitCodes.Refused;
}
