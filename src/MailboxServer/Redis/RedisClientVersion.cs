using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>The few lines that differ between the versions of the client that the server compiles against.</summary>
internal static class RedisClientVersion
{
    /// <summary>What every connection needs, whatever the connection string says.</summary>
    public static ConfigurationOptions Parse(string connectionString)
    {
        var configuration = ConfigurationOptions.Parse(connectionString);
        configuration.AbortOnConnectFail = false;

        // Without it, the client itself refuses to ask one server for its settings.
        configuration.AllowAdmin = true;

        // Other applications' broadcasts on a shared Redis are not ours to hear or to send.
        configuration.ConfigurationChannel = "";
        configuration.TieBreaker = "";

        // A Redis that is back is used again within a second; the client's own pause is as long as its connect timeout.
        configuration.ReconnectRetryPolicy = new LinearRetry(500);

        // Who is the primary is asked again this often; the client's own minute is a minute of READONLY after a failover.
        configuration.ConfigCheckSeconds = 2;

        // Which servers there are is known only once each has answered or had this long: the client's own five seconds would
        // pass after each failover from a server that stands still.
        if (!connectionString.Contains("connectTimeout", StringComparison.OrdinalIgnoreCase))
        {
            configuration.ConnectTimeout = 2_000;
        }
#if REDIS_CLIENT_3
        // A call that cannot be sent fails at once; what waits is a client's retry, not a queue of ours.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;

        // RESP3 would put wakes on the connection of the commands, whose large replies the server cuts off at the limit for
        // pub/sub; and a connection that only listens would come to be without one to listen on.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.IncludeDetailInExceptions = false;
#endif
        return configuration;
    }

    /// <summary>
    /// Version 1.2.6 deadlocks an ASP.NET node with its default order of completions, and puts keys into the messages of its
    /// exceptions; with version 3 both is settled before it connects.
    /// </summary>
    public static void SetUp(ConnectionMultiplexer connection)
    {
#if REDIS_CLIENT_3
        _ = connection;
#else
        connection.PreserveAsyncOrder = false;
        connection.IncludeDetailInExceptions = false;
#endif
    }

    /// <summary>Without waiting for what is under way on it, nor for long.</summary>
    public static async Task CloseAsync(ConnectionMultiplexer connection)
    {
        try
        {
            await connection.CloseAsync(allowCommandsToComplete: false).WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // It is given up, as a rule because it is broken.
        }
        finally
        {
#if REDIS_CLIENT_3
            await connection.DisposeAsync();
#else
            // Version 1.2.6 ends its writing threads only here; each would keep its connection's memory for ever.
            connection.Dispose();
#endif
        }
    }

    /// <summary>
    /// Version 3 says that it is connected before its connection for subscriptions is: the first call waits for that, under
    /// our own deadline.
    /// </summary>
    public static void LetCallsWait(ConfigurationOptions configuration)
    {
#if REDIS_CLIENT_3
        configuration.BacklogPolicy = BacklogPolicy.Default;
#else
        _ = configuration;
#endif
    }

    public static bool IsPrimary(IServer server)
    {
#if REDIS_CLIENT_3
        return !server.IsReplica;
#else
        return !server.IsSlave;
#endif
    }

    public static bool IsPrimary(ClusterNode node)
    {
#if REDIS_CLIENT_3
        return !node.IsReplica;
#else
        return !node.IsSlave;
#endif
    }
}
