using System.Net;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// One connection for wakes, pinned to one endpoint: the primary, or any one node of a cluster, which hears every
/// publish. The commands by which the client would look for other nodes are switched off, so that what the canary
/// proves holds for every subscription. So is SET: without INFO, the client would find out whether this is a replica by
/// setting a random key, which is outside the prefix.
/// </summary>
internal sealed class WakeConnection : IAsyncDisposable
{
    private static readonly HashSet<string> Discovery = ["CLUSTER", "SENTINEL", "CONFIG", "INFO", "SET"];

    private readonly ConnectionMultiplexer _multiplexer;
    private readonly ISubscriber _subscriber;

    private WakeConnection(ConnectionMultiplexer multiplexer, EndPoint endpoint)
    {
        EndPoint = endpoint;
        _multiplexer = multiplexer;
        _subscriber = multiplexer.GetSubscriber();
        multiplexer.ConnectionFailed += (_, _) => Failed?.Invoke();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The connection broke: whatever was woken meanwhile was not heard.</summary>
    public event Action? Failed;

    public static async Task<WakeConnection> ConnectAsync(ConfigurationOptions commands, EndPoint endpoint)
    {
        var configuration = commands.Clone();
        configuration.EndPoints.Clear();
        configuration.EndPoints.Add(endpoint);
        configuration.CommandMap = CommandMap.Create(Discovery, available: false);
        configuration.DefaultVersion = new Version(7, 0);
        RedisClientVersion.LetCallsWait(configuration);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration);
        RedisClientVersion.SetUp(multiplexer);
        return new WakeConnection(multiplexer, endpoint);
    }

    /// <summary>Completes when the server has confirmed.</summary>
    /// <exception cref="StoreException">The connection is down: the client would subscribe some time later.</exception>
    public async Task SubscribeAsync(RedisChannel channel, Action<byte[]?> onWake)
    {
        await _subscriber.SubscribeAsync(channel, (_, value) => onWake(value));
        if (!_subscriber.IsConnected(channel))
        {
            throw new StoreException(StoreFault.Unavailable, "Redis does not answer.");
        }
    }

    public Task UnsubscribeAsync(RedisChannel channel) => _subscriber.UnsubscribeAsync(channel);

    public ValueTask DisposeAsync()
    {
        Failed = null;
        return new ValueTask(RedisClientVersion.CloseAsync(_multiplexer));
    }
}
