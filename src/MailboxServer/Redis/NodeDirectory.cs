using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>The nodes that are alive: each says so in one hash, every few seconds.</summary>
internal sealed class NodeDirectory(RedisConnection connection, MailboxKeys keys, Node node, SessionRegistry sessions)
{
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);
    private static readonly string Host = Environment.MachineName;

    public Task BeatAsync(CancellationToken cancellation) => connection.CallAsync(
        keys.Nodes,
        async database =>
        {
            var info = new NodeInfo(
                node.Id, Host, node.Version, node.Started, DateTimeOffset.UtcNow, sessions.Count,
                node.State.ToString().ToLowerInvariant());
            await database.HashSetAsync(keys.Nodes, node.Id, JsonSerializer.Serialize(info, MailboxJsonContext.Default.NodeInfo));
            return await database.KeyExpireAsync(keys.Nodes, TimeSpan.FromHours(1));
        },
        cancellation).AsTask();

    public Task LeaveAsync(CancellationToken cancellation) =>
        connection.CallAsync(keys.Nodes, database => database.HashDeleteAsync(keys.Nodes, node.Id), cancellation).AsTask();

    public async Task<NodeList> ListAsync(CancellationToken cancellation)
    {
        var entries = await connection.CallAsync(keys.Nodes, database => database.HashGetAllAsync(keys.Nodes), cancellation);
        var nodes = new List<NodeInfo>();
        foreach (var entry in entries)
        {
            if (Read(entry.Value) is not { } info || DateTimeOffset.UtcNow - info.Seen > Forgotten)
            {
                await connection.CallAsync(keys.Nodes, database => database.HashDeleteAsync(keys.Nodes, entry.Name), cancellation);
            }
            else if (DateTimeOffset.UtcNow - info.Seen < Alive)
            {
                nodes.Add(info);
            }
        }

        return new NodeList([.. nodes.OrderBy(info => info.Started)]);
    }

    private static NodeInfo? Read(RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize((byte[]?)value, MailboxJsonContext.Default.NodeInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
