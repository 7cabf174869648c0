using System.Net;

namespace Mailbox.TestKit;

/// <summary>Three primaries with a replica each, as a cluster on the loopback. All are real processes.</summary>
public sealed class RedisCluster : IRedis, IAsyncDisposable
{
    private const int PrimaryCount = 3;
    private const int SlotCount = 16_384;

    /// <summary>An election that failed is tried again after 12 s, and more than once.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly List<RedisServer> _servers = [];

    private RedisCluster()
    {
    }

    /// <summary>The first three began as primaries, and each replica stands three after its primary.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    public string ConnectionString => string.Join(',', _servers.Select(server => server.EndPoint));

    public bool HasFunctions => true;

    /// <summary>Some node that runs: it knows who has what.</summary>
    internal IPEndPoint AnyEndPoint => Any.EndPoint;

    private RedisServer Any => _servers.First(server => server.IsRunning);

    /// <param name="options">Lines of redis.conf, for every server.</param>
    public static async Task<RedisCluster> StartAsync(
        IDictionary<string, string>? options = null, CancellationToken cancellationToken = default)
    {
        var cluster = new RedisCluster();
        try
        {
            cluster._servers.AddRange(await Task.WhenAll(Enumerable.Range(0, PrimaryCount * 2).Select(_ => RedisServer.StartAsync(
                new Dictionary<string, string>(options ?? new Dictionary<string, string>())
                {
                    ["cluster-enabled"] = "yes",
                    ["cluster-port"] = $"{FreePorts.Take()}", // its default is out of the range that is ours
                    ["cluster-node-timeout"] = "3000",
                    ["cluster-replica-validity-factor"] = "0", // a replica stands in however long its link was down
                    ["repl-diskless-sync-delay"] = "0",
                },
                cancellationToken))));
            await cluster.FormAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public IRedisCalls NewCalls() => new ClusterCalls(this);

    public async Task<int> SlotOfAsync(string key) => (int)(long)(await Any.ExecuteAsync("CLUSTER", "KEYSLOT", key))!;

    /// <summary>The primary of a slot as those see it that run; for a moment after its death still the dead one.</summary>
    public async Task<RedisServer> PrimaryOfAsync(int slot) => await PrimaryOfAsync(slot, Any);

    /// <summary>The primary of a mailbox: <c>mailbox:{alice}</c>, or any key with that hash tag.</summary>
    public async Task<RedisServer> PrimaryOfAsync(string key) => await PrimaryOfAsync(await SlotOfAsync(key));

    /// <summary>The primaries that run.</summary>
    public async Task<IReadOnlyList<RedisServer>> PrimariesAsync()
    {
        var running = _servers.Where(server => server.IsRunning).ToList();
        var roles = await Task.WhenAll(running.Select(server => server.InfoAsync("replication", "role")));
        return [.. running.Where((_, i) => roles[i] == "master")];
    }

    /// <summary>Until all that run name another primary of the slot than this, and the cluster is well.</summary>
    /// <returns>The new primary of the slot.</returns>
    public async Task<RedisServer> WaitForFailoverAsync(int slot, RedisServer old)
    {
        RedisServer? next = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var seen = await Task.WhenAll(_servers.Where(server => server.IsRunning).Select(one => PrimaryOfAsync(slot, one)));
                next = seen[0];
                return next != old && seen.All(one => one == next) && await IsWellAsync();
            },
            Deadline,
            $"slot {slot} has another primary than {old.EndPoint}");
        return next!;
    }

    /// <summary>Starts it again, and waits until it is part of the cluster: a primary that was stood in for, as a replica.</summary>
    public async Task RestartAsync(RedisServer server)
    {
        await server.RestartAsync();
        await WaitUntilWellAsync();
    }

    /// <summary>Until every node that runs says that all slots are served, and every replica that runs follows its primary.</summary>
    public Task WaitUntilWellAsync() => Eventually.HoldsAsync(IsWellAsync, Deadline, "the cluster is well");

    public async Task<string> IdOfAsync(RedisServer server) => (await RedisTextAsync(server, "MYID"))!;

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));

    private static async Task<string?> RedisTextAsync(RedisServer server, params object[] args) =>
        RedisCli.TextOf(await server.ExecuteAsync(["CLUSTER", .. args]));

    private async Task<RedisServer> PrimaryOfAsync(int slot, RedisServer asked)
    {
        var ranges = (object?[])(await asked.ExecuteAsync("CLUSTER", "SLOTS"))!;
        var range = ranges.Cast<object?[]>().Single(range => (long)range[0]! <= slot && slot <= (long)range[1]!);
        var port = (long)((object?[])range[2]!)[1]!;
        return _servers.Single(server => server.Port == port);
    }

    private async Task<bool> IsWellAsync()
    {
        foreach (var server in _servers.Where(server => server.IsRunning))
        {
            var isOk = (await RedisTextAsync(server, "INFO"))!.Contains("cluster_state:ok", StringComparison.Ordinal);
            if (!isOk || await server.InfoAsync("replication", "master_link_status") is not ("up" or null))
            {
                return false;
            }
        }

        return true;
    }

    private async Task FormAsync()
    {
        var each = (SlotCount + PrimaryCount - 1) / PrimaryCount;
        for (var i = 0; i < _servers.Count; i++)
        {
            await _servers[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", i + 1); // else they first quarrel over their epochs
            if (i < PrimaryCount)
            {
                await _servers[i].ExecuteAsync(
                    "CLUSTER", "ADDSLOTSRANGE", i * each, Math.Min((i + 1) * each, SlotCount) - 1);
            }
        }

        foreach (var other in _servers.Skip(1))
        {
            var bus = RedisCli.TextOf(((object?[])(await other.ExecuteAsync("CONFIG", "GET", "cluster-port"))!)[1])!;
            await _servers[0].ExecuteAsync("CLUSTER", "MEET", other.Address, other.Port, bus);
        }

        await Eventually.HoldsAsync(
            async () => (await Task.WhenAll(_servers.Select(server => RedisTextAsync(server, "INFO"))))
                .All(info => info!.Contains($"cluster_known_nodes:{_servers.Count}\r", StringComparison.Ordinal)),
            Deadline,
            "the servers know each other");
        for (var i = PrimaryCount; i < _servers.Count; i++)
        {
            var replica = _servers[i];
            var primary = await IdOfAsync(_servers[i - PrimaryCount]);
            await Eventually.HoldsAsync(
                async () => await RedisTextAsync(replica, "REPLICATE", primary) == "OK", Deadline, "a replica knows its primary");
        }

        await Eventually.HoldsAsync(
            async () => (await Task.WhenAll(_servers.Select(server => server.InfoAsync("replication", "role"))))
                .Count(role => role == "slave") == PrimaryCount,
            Deadline,
            "the replicas are replicas");
        await WaitUntilWellAsync();
    }
}
