using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Registers <c>mailbox_deliver</c> where the engine has functions, on every primary, and again where it is gone: a FUNCTION
/// FLUSH, a failover to a server without it or a primary that joins the cluster must not cost the backends that deliver by it.
/// </summary>
internal sealed partial class FunctionLibrary(
    RedisConnection connection, MailboxKeys keys, RedisScripts scripts, ILogger<FunctionLibrary> logger)
{
    private bool _isUnknownToEngine;

    /// <summary>At start: this node's version of it.</summary>
    public async Task RegisterAsync(CancellationToken cancellation)
    {
        foreach (var key in connection.Primaries.KeyOfEach(keys))
        {
            await LoadAsync(key, cancellation);
        }
    }

    /// <summary>From time to time: only where it is gone, so that old and new nodes do not take turns.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        foreach (var key in connection.Primaries.KeyOfEach(keys))
        {
            if (!_isUnknownToEngine && !await IsThereAsync(key, cancellation))
            {
                Log.Gone(logger);
                await LoadAsync(key, cancellation);
            }
        }
    }

    /// <summary>
    /// Asks as a backend would, with one key: the function is found, and refuses the call. No other command about functions
    /// is sent to the server that a key is on.
    /// </summary>
    private async Task<bool> IsThereAsync(RedisKey key, CancellationToken cancellation)
    {
        try
        {
            await connection.CallAsync(key, database => database.ExecuteAsync("FCALL", RedisScripts.Function, 1, key), cancellation);
            return true;
        }
        catch (StoreException exception) when (exception.InnerException is RedisServerException refused)
        {
            return !refused.Message.Contains("Function not found", StringComparison.OrdinalIgnoreCase);
        }
    }

    private async Task LoadAsync(RedisKey key, CancellationToken cancellation)
    {
        try
        {
            // The text is given as a key, and begins with that key's hash tag: that is how it comes to the server that the key is on.
            RedisKey library = scripts.LibraryTagged(key.ToString());
            await connection.CallAsync(key, database => database.ExecuteAsync("FUNCTION", "LOAD", "REPLACE", library), cancellation);
        }
        catch (Exception exception) when (exception is StoreException { InnerException: RedisServerException refused })
        {
            _isUnknownToEngine = refused.Message.Contains("unknown command", StringComparison.OrdinalIgnoreCase);
            Log.Refused(logger, refused.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Information, "The engine takes no function library, so there is no mailbox_deliver: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(1202, LogLevel.Warning, "The function library was gone and is registered again.")]
        public static partial void Gone(ILogger logger);
    }
}
