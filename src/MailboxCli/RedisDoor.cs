using Mailbox.Contracts;
using StackExchange.Redis;

namespace Mailbox.Cli;

/// <summary>Delivers past the nodes, straight into Redis: docs/redis-contract.md.</summary>
internal sealed class RedisDoor : IAsyncDisposable
{
    // The client's asynchronous calls have no end of their own.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private const int TimeToLive = 86_400;

    private const string Bare = """
        local length = redis.call('RPUSH', KEYS[1], ARGV[2])
        redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
        redis.call('PUBLISH', KEYS[2] .. ':wake', '1')
        return length
        """;

    private readonly ConnectionMultiplexer _connection;
    private readonly string _prefix;

    private RedisDoor(ConnectionMultiplexer connection, string prefix)
    {
        _connection = connection;
        _prefix = prefix;
#if !REDIS_CLIENT_3
        connection.PreserveAsyncOrder = false; // its default may deadlock
#endif
    }

    /// <returns>What is wrong with a connection string, or null.</returns>
    public static string? FaultOf(string connectionString)
    {
        try
        {
            return ConfigurationOptions.Parse(connectionString).EndPoints.Count > 0 ? null : "It names no address.";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return exception.Message;
        }
    }

    /// <param name="connectionString">Without a fault.</param>
    /// <param name="prefix">What the keys begin with.</param>
    /// <exception cref="RedisException">It is not there.</exception>
    public static async Task<RedisDoor> ConnectAsync(string connectionString, string prefix) =>
        new(await ConnectionMultiplexer.ConnectAsync(connectionString), prefix);

    /// <summary>By the function: the same as over HTTP.</summary>
    public async Task<DeliverManyResult> DeliverAsync(string mailbox, ReadOnlyMemory<byte> body, IEnumerable<(string Name, string Value)> options)
    {
        var name = NameOf(mailbox);
        object[] arguments =
        [
            "mailbox_deliver", 3, (RedisKey)name, (RedisKey)(name + ":messages"), (RedisKey)(name + ":index"), (RedisValue)body.ToArray(),
            .. options.SelectMany(option => new object[] { option.Name, option.Value }),
        ];
        var reply = (RedisResult[]?)await CallAsync("FCALL", arguments) ?? [];
        var outcome = (string?)reply[0] ?? "";
        var isPresent = (long)reply[3] == 1;
        var isStored = outcome is "stored" or "replayed";
        return new DeliverManyResult
        {
            Mailbox = mailbox,
            Status = outcome switch { "full" => 507, "conflict" => 422, _ => isStored && isPresent ? 201 : 202 },
            Id = isStored ? $"{(string?)reply[1]}-{(long)reply[2]}" : null,
            Queued = isStored,
            Connected = isPresent,
            Expires = isStored ? DateTimeOffset.FromUnixTimeMilliseconds((long)reply[4]) : null,
            Replayed = outcome == "replayed" ? true : null,
            Type = outcome switch { "full" => ProblemTypes.MailboxFull, "conflict" => ProblemTypes.IdempotencyConflict, _ => null },
            Detail = outcome switch
            {
                "full" => "The mailbox is full; nothing was stored.",
                "conflict" => "The idempotency key came before with another body.",
                _ => null,
            },
        };
    }

    /// <summary>By RPUSH, on any Redis: nobody tells the message's id, nor whether a limit will drop it.</summary>
    /// <exception cref="BareBodyException">The body begins with byte 0x01.</exception>
    public async Task<DeliverManyResult> DeliverBareAsync(string mailbox, ReadOnlyMemory<byte> body)
    {
        if (body.Length > 0 && body.Span[0] == 1)
        {
            throw new BareBodyException();
        }

        var name = NameOf(mailbox);
        await CallAsync("EVAL", [Bare, 2, (RedisKey)(name + ":messages"), (RedisKey)name, TimeToLive, (RedisValue)body.ToArray()]);
        return new DeliverManyResult { Mailbox = mailbox, Status = 202, Queued = true };
    }

    public async ValueTask DisposeAsync() => await _connection.CloseAsync(allowCommandsToComplete: false);

    private string NameOf(string mailbox) => $"{_prefix}{{{mailbox}}}";

    private Task<RedisResult> CallAsync(string command, object[] arguments) =>
        _connection.GetDatabase().ExecuteAsync(command, arguments).WaitAsync(Deadline);
}
