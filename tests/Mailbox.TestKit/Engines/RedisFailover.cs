using System.Globalization;

namespace Mailbox.TestKit;

/// <summary>
/// A primary, its replicas, and three sentinels who promote a replica about four seconds after the primary is gone. All are
/// real processes; kill, freeze, thaw and restart any of them.
/// </summary>
public sealed class RedisFailover : IRedis, IAsyncDisposable
{
    private const int SentinelCount = 3;

    /// <summary>Sentinels that found the clock jump start no failover for 30 s.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly List<RedisServer> _servers = [];
    private readonly List<RedisSentinel> _sentinels = [];

    private RedisFailover()
    {
    }

    /// <summary>Primary and replicas, in the order of their start: the first began as the primary.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    public IReadOnlyList<RedisSentinel> Sentinels => _sentinels;

    /// <summary>All servers: the node's client knows no sentinels, and is to find the primary among them.</summary>
    public string ConnectionString => string.Join(',', _servers.Select(server => server.EndPoint));

    public bool HasFunctions => true;

    /// <param name="options">Lines of redis.conf, for every server.</param>
    public static async Task<RedisFailover> StartAsync(
        int replicas = 2, IDictionary<string, string>? options = null, CancellationToken cancellationToken = default)
    {
        var failover = new RedisFailover();
        try
        {
            await failover.StartServersAsync(replicas, options ?? new Dictionary<string, string>(), cancellationToken);
            await failover.WaitUntilWholeAsync();
            return failover;
        }
        catch
        {
            await failover.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server that the sentinels name; for a moment after its death still the dead one.</summary>
    public async Task<RedisServer> PrimaryAsync()
    {
        var port = await _sentinels.First(sentinel => sentinel.IsRunning).PrimaryPortAsync();
        return _servers.Single(server => server.Port == port);
    }

    /// <summary>All servers but the primary, whether they run or not.</summary>
    public async Task<IReadOnlyList<RedisServer>> ReplicasAsync()
    {
        var primary = await PrimaryAsync();
        return [.. _servers.Where(server => server != primary)];
    }

    public IRedisCalls NewCalls() =>
        new PrimaryCalls(async cancellation => await (await PrimaryAsync()).ConnectAsync(cancellation));

    /// <summary>Has the sentinels promote a replica while the primary is well.</summary>
    /// <returns>The new primary.</returns>
    /// <remarks>
    /// It has a loss window: the old primary takes writes for some ten seconds more (seen on 7.0), until the sentinels
    /// make it a replica, and then drops them. <see cref="WaitUntilWholeAsync"/> waits for that.
    /// </remarks>
    public async Task<RedisServer> ForceFailoverAsync()
    {
        var old = await PrimaryAsync();
        // Right after the last failover a sentinel finds no replica good enough, or is still busy with it.
        await Eventually.HoldsAsync(
            async () => RedisCli.TextOf(await _sentinels[0].ExecuteAsync("SENTINEL", "FAILOVER", RedisSentinel.Watched)) == "OK",
            Deadline,
            "a failover begins");
        return await WaitForFailoverAsync(old);
    }

    /// <summary>Until all running sentinels name another server than this, and it takes writes.</summary>
    /// <returns>The new primary.</returns>
    public async Task<RedisServer> WaitForFailoverAsync(RedisServer old)
    {
        RedisServer? next = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var ports = await Task.WhenAll(_sentinels.Where(one => one.IsRunning).Select(one => one.PrimaryPortAsync()));
                next = _servers.Single(server => server.Port == ports[0]);
                return next != old && ports.All(port => port == next.Port) && await RoleOfAsync(next) == "master";
            },
            Deadline,
            $"another than {old.EndPoint} is the primary");
        return next!;
    }

    /// <summary>
    /// Cuts the link to the primary, from the replica's side, and keeps it cut: it falls behind, and the sentinels may still
    /// promote it. They do not promote one whose link is down for longer than 10 s before the primary is.
    /// </summary>
    /// <remarks>
    /// A frozen replica does not fall behind: what the primary sends goes on into the buffers of its socket, and it reads
    /// that when it thaws, also when the primary is dead by then. A wrong password lets it speak with all but the primary.
    /// </remarks>
    public static async Task CutOffAsync(RedisServer replica)
    {
        await replica.ExecuteAsync("CONFIG", "SET", "masterauth", "cut-off");
        await replica.ExecuteAsync("CLIENT", "KILL", "TYPE", "master");
        await Eventually.HoldsAsync(
            async () => await LinkOfAsync(replica) == "down", Deadline, $"{replica.EndPoint} is cut off from its primary");
    }

    /// <summary>Lets it have a primary again, now and after a restart. It then drops what only it has.</summary>
    /// <remarks>
    /// A sentinel that promotes has the server write its configuration down, and so the wrong password too: what is not
    /// taken out of the file comes back when this server dies as a primary, and it then follows nobody.
    /// </remarks>
    public static async Task RejoinAsync(RedisServer replica)
    {
        await replica.ExecuteAsync("CONFIG", "SET", "masterauth", "");
        await replica.ExecuteAsync("CONFIG", "REWRITE");
    }

    /// <summary>
    /// Starts a server again as a replica of the present primary. With <see cref="RedisEngine.RestartAsync"/>, a primary
    /// that died comes back as a primary, until the sentinels reconfigure it some ten seconds later: two take writes.
    /// </summary>
    public async Task RestartAsReplicaAsync(RedisServer server)
    {
        await server.RestartAsReplicaAsync(await PrimaryAsync());
        await WaitUntilLinkedAsync(server);
    }

    /// <summary>Until the sentinels know each other and every server, and all replicas follow the primary.</summary>
    public async Task WaitUntilWholeAsync()
    {
        foreach (var replica in await ReplicasAsync())
        {
            await WaitUntilLinkedAsync(replica);
        }

        foreach (var sentinel in _sentinels)
        {
            await Eventually.HoldsAsync(
                async () => await sentinel.CountAsync("replicas") == _servers.Count - 1 &&
                    await sentinel.CountAsync("sentinels") == SentinelCount - 1,
                Deadline,
                "the sentinels know each other and all servers");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_sentinels.Concat<RedisEngine>(_servers).Select(one => one.DisposeAsync().AsTask()));
    }

    private static async Task WaitUntilLinkedAsync(RedisServer replica) => await Eventually.HoldsAsync(
        async () => await LinkOfAsync(replica) == "up", Deadline, $"{replica.EndPoint} follows its primary");

    private static async Task<string?> RoleOfAsync(RedisServer server) =>
        RedisCli.TextOf(((object?[])(await server.ExecuteAsync("ROLE"))!)[0]);

    private static Task<string?> LinkOfAsync(RedisServer server) => server.InfoAsync("replication", "master_link_status");

    private async Task StartServersAsync(int replicas, IDictionary<string, string> options, CancellationToken cancellationToken)
    {
        // A replica is given its data at once, instead of five seconds later for the sake of others that may come.
        var all = new Dictionary<string, string>(options) { ["repl-diskless-sync-delay"] = "0" };
        var primary = await RedisServer.StartAsync(all, cancellationToken);
        _servers.Add(primary);
        all["replicaof"] = string.Create(CultureInfo.InvariantCulture, $"{primary.Address} {primary.Port}");
        _servers.AddRange(await Task.WhenAll(Enumerable.Range(0, replicas).Select(_ => RedisServer.StartAsync(all, cancellationToken))));
        _sentinels.AddRange(await Task.WhenAll(
            Enumerable.Range(0, SentinelCount).Select(_ => RedisSentinel.StartAsync(primary, cancellationToken))));
    }
}
