using Mailbox.TestKit;

namespace Mailbox.Faults.Running;

/// <summary>The Redis of a site, of whatever kind: one server, or several.</summary>
internal sealed class RedisPlace : IAsyncDisposable
{
    private readonly IAsyncDisposable _all;

    private RedisPlace(IRedis redis, IReadOnlyList<RedisEngine> servers)
    {
        Redis = redis;
        Servers = servers;
        _all = (IAsyncDisposable)redis;
    }

    public IRedis Redis { get; }

    /// <summary>The servers that hold data, whether they run or not.</summary>
    public IReadOnlyList<RedisEngine> Servers { get; }

    public RedisServer Single => (RedisServer)Redis;

    public RedisFailover Failover => (RedisFailover)Redis;

    public RedisCluster Cluster => (RedisCluster)Redis;

    /// <param name="network">Where a server of <see cref="RedisKind.Namespaces"/> lives.</param>
    public static async Task<RedisPlace> StartAsync(SitePlan plan, PrivateNetwork? network)
    {
        var options = new Dictionary<string, string>(plan.RedisOptions);
        switch (plan.Redis)
        {
            case RedisKind.Single or RedisKind.Namespaces:
                var single = await RedisServer.StartAsync(new RedisServerOptions
                {
                    Settings = options,
                    DataDirectorySize = plan.RedisDisk > 0 ? plan.RedisDisk : null,
                    Network = network is null ? null : await network.AddAsync(),
                });
                return new RedisPlace(single, [single]);
            case RedisKind.Failover:
                var failover = await RedisFailover.StartAsync(replicas: 1, options);
                return new RedisPlace(failover, failover.Servers);
            case RedisKind.Cluster:
                var cluster = await RedisCluster.StartAsync(options);
                return new RedisPlace(cluster, cluster.Servers);
            default:
                throw new NotSupportedException($"{plan.Redis}");
        }
    }

    public Sender NewSender(TransportDoor door) => Sender.Create(door, new Uri("http://127.0.0.1"), Redis);

    public ValueTask DisposeAsync() => _all.DisposeAsync();
}
