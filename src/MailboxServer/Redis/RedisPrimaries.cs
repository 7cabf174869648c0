using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// The servers that hold mailboxes: one, or every primary of a cluster, each with a breaker of its own, so that a primary
/// that stands still costs only the mailboxes that it holds.
/// </summary>
internal sealed class RedisPrimaries(ConnectionMultiplexer multiplexer, RedisPrimaries? before)
{
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromMilliseconds(600);
    private const int MapAge = 500;

    // What is known of the servers outlives the connection to them.
    private readonly ConcurrentDictionary<EndPoint, RedisBreaker> _breakers = before?._breakers ?? new();
    private readonly RedisBreaker _breaker = before?._breaker ?? new();
    private ClusterConfiguration? _map = before?._map;
    private long _mapReadAt;

    /// <summary>Some server of Redis does not answer.</summary>
    public bool IsAnySilent => _breaker.IsOpen || (!_breakers.IsEmpty && _breakers.Values.Any(breaker => breaker.IsOpen));

    /// <summary>Keys of two mailboxes need not be held by one server.</summary>
    public bool IsCluster => Map() is not null;

    /// <summary>Those that the client is connected to.</summary>
    public IEnumerable<IServer> All => Servers.Where(server => server.IsConnected && RedisClientVersion.IsPrimary(server));

    private IEnumerable<IServer> Servers => multiplexer.GetEndPoints().Select(endpoint => multiplexer.GetServer(endpoint));

    /// <summary>The breaker of the server that holds this key; of the Redis as a whole without one.</summary>
    public RedisBreaker BreakerOf(RedisKey? key) =>
        key is { } known && Map()?.GetBySlot(known)?.EndPoint is { } primary
            ? _breakers.GetOrAdd(primary, static _ => new RedisBreaker())
            : _breaker;

    /// <summary>
    /// A key in every primary's own slots: the client sends a command where its keys are, and has no other way to send one
    /// to a server of a cluster.
    /// </summary>
    public IReadOnlyList<RedisKey> KeyOfEach(MailboxKeys keys) =>
        Map() is { } map
            ? [.. map.Nodes.Where(node => RedisClientVersion.IsPrimary(node) && node.Slots.Count > 0)
                .Select(node => KeyOn(keys, map, node.EndPoint!)).OfType<RedisKey>()]
            : [keys.PlaceOf(0)];

    /// <summary>A primary that answers now, rather another than the one before; null when none does.</summary>
    public async Task<EndPoint?> FindAnsweringAsync(EndPoint? notRather, CancellationToken cancellation)
    {
        foreach (var server in All.OrderBy(server => server.EndPoint.Equals(notRather)).ThenBy(_ => Random.Shared.Next()).ToArray())
        {
            try
            {
                await server.PingAsync().WaitAsync(AnswerPatience, cancellation);
                return server.EndPoint;
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested && RedisFaults.AsStoreException(exception) is not null)
            {
                // The next one.
            }
        }

        return null;
    }

    private static RedisKey? KeyOn(MailboxKeys keys, ClusterConfiguration map, EndPoint primary)
    {
        // Some 16,384 / slots tries find one; a primary of so few slots that none is found is tried again.
        for (var tag = 0; tag < 100_000; tag++)
        {
            var key = keys.PlaceOf(tag);
            if (primary.Equals(map.GetBySlot(key)?.EndPoint))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>
    /// The client's map of the slots, which it renews by itself; null when this is no cluster. One that is just connecting anew
    /// has none for a moment: it is a cluster all the same.
    /// </summary>
    private ClusterConfiguration? Map()
    {
        var now = Environment.TickCount64;
        if (now - Volatile.Read(ref _mapReadAt) > MapAge)
        {
            _map = Servers.Where(server => server.ServerType == ServerType.Cluster)
                .OrderByDescending(server => server.IsConnected)
                .Select(server => server.ClusterConfiguration)
                .FirstOrDefault(map => map is not null) ?? _map;
            Volatile.Write(ref _mapReadAt, now);
        }

        return _map;
    }
}
