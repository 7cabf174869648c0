using System.Net;

namespace Mailbox.TestKit;

/// <summary>A <c>redis-server</c> from PATH. Keeps nothing on disk unless the options say so.</summary>
public sealed class RedisServer : RedisEngine
{
    private const string Configuration = "redis.conf";

    private readonly RedisServerOptions _options;
    private readonly Dictionary<string, string> _settings;
    private SmallDisk? _disk;
    private RedisServer? _joins;

    private RedisServer(RedisServerOptions options)
    {
        _options = options;
        _settings = new(StringComparer.OrdinalIgnoreCase)
        {
            ["save"] = "\"\"",
            ["appendonly"] = "no",
            ["enable-debug-command"] = "yes", // tests use DEBUG SLEEP and the like
            ["protected-mode"] = options.Network is null ? "yes" : "no", // who reaches its network may speak with it
        };
        foreach (var (name, value) in options.Settings)
        {
            _settings[name] = value;
        }
    }

    public override bool HasFunctions => true;

    public override IPAddress Address => _options.Network?.Address ?? base.Address;

    protected override string? Password => _options.Password ?? _settings.GetValueOrDefault("requirepass");

    /// <exception cref="MissingToolException">There is no redis-server on PATH.</exception>
    public static async Task<RedisServer> StartAsync(RedisServerOptions options, CancellationToken cancellationToken = default)
    {
        var server = new RedisServer(options);
        if (options.DataDirectorySize is { } size)
        {
            server._disk = await SmallDisk.MountAsync(server.DataDirectory, size);
        }

        await server.FirstStartAsync(cancellationToken);
        return server;
    }

    /// <param name="settings">Lines of redis.conf: <c>["appendonly"] = "yes"</c>, <c>["save"] = "60 1"</c>.</param>
    public static Task<RedisServer> StartAsync(
        IDictionary<string, string>? settings = null, CancellationToken cancellationToken = default) =>
        StartAsync(new RedisServerOptions { Settings = settings ?? new Dictionary<string, string>() }, cancellationToken);

    public static Task<RedisServer> StartAsync(params (string Name, string Value)[] settings) =>
        StartAsync(settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    /// <summary>Starts it again as a replica, whatever it was before.</summary>
    public Task RestartAsReplicaAsync(RedisServer primary, CancellationToken cancellationToken = default)
    {
        _joins = primary;
        return RestartAsync(cancellationToken);
    }

    // A sentinel has the engine rewrite its file, and so must a restart find it.
    protected override Task PrepareAsync(CancellationToken cancellationToken) => File.WriteAllLinesAsync(
        Path.Combine(DataDirectory, Configuration),
        [
            $"port {Port}",
            $"bind {Address}",
            "daemonize no",
            .. _settings.Select(setting => $"{setting.Key} {setting.Value}"),
        ],
        cancellationToken);

    protected override Task<WatchedProcess> StartProcessAsync(CancellationToken cancellationToken)
    {
        var program = Tools.Find("redis-server", "apt-get install redis-server");
        string[] joins = _joins is null ? [] : ["--replicaof", $"{_joins.Address} {_joins.Port}"];
        _joins = null;
        return WatchedProcess.StartAsync(
            program,
            [Configuration, .. joins],
            workingDirectory: DataDirectory,
            network: _options.Network,
            cancellationToken: cancellationToken);
    }

    protected override ValueTask ReleaseDirectoryAsync() => _disk?.DisposeAsync() ?? ValueTask.CompletedTask;
}
