using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>What the client's exceptions and the server's error replies mean for a call.</summary>
internal static class RedisFaults
{
    private static readonly string[] Passing =
        ["TRYAGAIN", "ASK ", "MOVED ", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS", "MISCONF", "BUSY "];

    private static readonly string[] Everything = ["LOADING", "BUSY ", "NOAUTH", "WRONGPASS"];

    /// <summary>
    /// The server said that it did nothing and that it will pass (failover, slot migration, start), or the call was never
    /// sent: it may be sent again.
    /// </summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        RedisServerException server => IsPassing(server.Message),
        RedisConnectionException connection => connection.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection,
        _ => false,
    };

    /// <summary>Of an error reply's text.</summary>
    public static bool IsPassing(string refusal) => Array.Exists(Passing, code => refusal.Contains(code, StringComparison.Ordinal));

    /// <summary>
    /// The server does not answer at all, or answers everything like this: further calls need not be sent. A refusal of one
    /// call is an answer.
    /// </summary>
    public static bool IsSilence(Exception exception) =>
        exception is not RedisServerException server ||
        Array.Exists(Everything, code => server.Message.Contains(code, StringComparison.Ordinal));

    public static bool IsUnknownScript(Exception exception) =>
        exception is RedisServerException && exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>
    /// What an operator has to mend before Redis lets this node in; null when it is nothing of the kind. Words of ours: the
    /// client's hold keys and arguments.
    /// </summary>
    public static string? Remedy(Exception exception)
    {
        var says = exception.ToString();
        return Says("remote certificate") ? "its TLS certificate is not trusted, has expired or is another host's"
            : Says("NOAUTH") || Says("WRONGPASS") || Says("AuthenticationFailure") || Says("invalid password")
                ? "the password, or the user, in Mailbox:Redis:ConnectionString is missing or wrong"
            : Says("NOPERM") ? "the user of Mailbox:Redis:ConnectionString lacks rights that a node needs"
            : null;

        bool Says(string what) => says.Contains(what, StringComparison.Ordinal);
    }

    /// <summary>A fault of the store, or null when it is a fault of ours.</summary>
    public static StoreException? AsStoreException(Exception exception) => exception switch
    {
        StoreException store => store,
        RedisServerException server => OfRefusal(server.Message, server),
        RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException =>
            new StoreException(StoreFault.Unavailable, "Redis does not answer.", exception),
        _ => null,
    };

    /// <summary>What an error reply means for the call.</summary>
    public static StoreException OfRefusal(string refusal, Exception? inner = null) =>
        refusal.Contains("OOM ", StringComparison.Ordinal)
            ? new StoreException(StoreFault.Full, "Redis has no memory left.", inner)
        : refusal.Contains("WRONGTYPE", StringComparison.Ordinal)
            ? new StoreException(StoreFault.Conflict, "A key of this mailbox has another type than the contract names.", inner)
        : refusal.Contains("MAILBOX conflict", StringComparison.Ordinal)
            ? new StoreException(StoreFault.Conflict, "The mailbox's hash holds what no script wrote.", inner)
        : new StoreException(StoreFault.Unavailable, "Redis does not answer.", inner);
}
