using System.Globalization;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>Asks the store what it is and what it does with accepted messages: every primary, as one may be set otherwise.</summary>
internal sealed class EngineInspector(RedisConnection connection)
{
    public const string Unknown = "unknown";
    private const string Mixed = "mixed";

    /// <exception cref="StoreException">No primary answers.</exception>
    public async Task<StoreInfo> InspectAsync(CancellationToken cancellation)
    {
        var servers = new List<Server>();
        foreach (var primary in connection.Primaries.All.ToArray())
        {
            servers.Add(await InspectAsync(primary, cancellation));
        }

        if (servers.Count == 0)
        {
            throw new StoreException(StoreFault.Unavailable, "Redis does not answer.");
        }

        return new StoreInfo
        {
            State = "answering",
            Engine = Common(server => server.Engine),
            Version = Common(server => server.Version),
            Mode = Common(server => server.Mode),
            AppendOnly = Common(server => server.AppendOnly),
            AppendFsync = Common(server => server.AppendFsync),
            EvictionPolicy = Common(server => server.EvictionPolicy),
            MinReplicasToWrite = Common(server => server.MinReplicas),
            Replicas = servers.Min(server => server.Replicas),
            AcceptedMessagesSurvive = Durability.Worst([.. servers.Select(
                server => Durability.Of(server.AppendOnly, server.AppendFsync, server.MinReplicas, server.Replicas))]),
        };

        string Common(Func<Server, string> setting) =>
            servers.Select(setting).Distinct(StringComparer.Ordinal).ToArray() is [var only] ? only : Mixed;
    }

    private async Task<Server> InspectAsync(IServer server, CancellationToken cancellation)
    {
        var info = await InfoAsync(server, cancellation);
        return new Server(
            info.ContainsKey("garnet_version") ? "garnet" : info.GetValueOrDefault("server_name", "redis"),
            info.GetValueOrDefault("garnet_version") ?? info.GetValueOrDefault("valkey_version") ??
                info.GetValueOrDefault("redis_version", Unknown),
            info.GetValueOrDefault("redis_mode", Unknown),
            await SettingAsync(server, "appendonly", cancellation),
            await SettingAsync(server, "appendfsync", cancellation),
            await SettingAsync(server, "maxmemory-policy", cancellation),
            await SettingAsync(server, "min-replicas-to-write", cancellation),
            int.TryParse(info.GetValueOrDefault("connected_slaves"), CultureInfo.InvariantCulture, out var replicas) ? replicas : null);
    }

    private async Task<Dictionary<string, string>> InfoAsync(IServer server, CancellationToken cancellation) =>
        (await AskAsync(server.InfoAsync, cancellation) ?? [])
            .SelectMany(section => section)
            .GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Value, StringComparer.Ordinal);

    /// <summary>CONFIG may be forbidden, and not every engine has every setting.</summary>
    private async Task<string> SettingAsync(IServer server, string name, CancellationToken cancellation) =>
        await AskAsync((_, flags) => server.ConfigGetAsync(name, flags), cancellation) is [var setting, ..] ? setting.Value : Unknown;

    private async Task<T[]?> AskAsync<T>(Func<RedisValue, CommandFlags, Task<T[]>> ask, CancellationToken cancellation)
    {
        try
        {
            return await connection.CallAsync(_ => ask(default, CommandFlags.None), cancellation);
        }
        catch (StoreException exception) when (exception.InnerException is RedisServerException or RedisCommandException)
        {
            return null;
        }
    }

    private sealed record Server(
        string Engine, string Version, string Mode, string AppendOnly, string AppendFsync, string EvictionPolicy,
        string MinReplicas, int? Replicas);
}
