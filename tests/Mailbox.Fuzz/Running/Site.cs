using Mailbox.TestKit;

namespace Mailbox.Fuzz.Running;

/// <summary>Two nodes on a Redis, whose mailboxes live for minutes: a long run leaves no heap of them.</summary>
internal sealed class Site : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Mailbox:TimeToLive"] = "00:02:00",
        ["Mailbox:Redis:Deadline"] = "00:00:20", // a machine that stands still for a moment is no finding
        ["Logging:LogLevel:Default"] = "Warning",
    };

    private readonly RedisServer _server;
    private int _next;

    private Site(RedisServer server, RedisCli redis, IReadOnlyList<MailboxNode> nodes) => (_server, Redis, Nodes) = (server, redis, nodes);

    public RedisCli Redis { get; }

    public IReadOnlyList<MailboxNode> Nodes { get; }

    public static async Task<Site> StartAsync()
    {
        var server = await RedisServer.StartAsync();
        var options = new MailboxNodeOptions { Settings = Settings, StartDeadline = TimeSpan.FromMinutes(2) };
        MailboxNode[] nodes = [await MailboxNode.StartAsync(server, options), await MailboxNode.StartAsync(server, options)];
        var redis = await server.ConnectAsync();
        redis.Deadline = TimeSpan.FromSeconds(30);
        return new Site(server, redis, nodes);
    }

    public MailboxNode AnyNode() => Nodes[(int)((uint)Interlocked.Increment(ref _next) % (uint)Nodes.Count)];

    /// <summary>What nodes complained of; null when of nothing.</summary>
    public string? Complaint()
    {
        foreach (var node in Nodes)
        {
            if (node.HasExited)
            {
                return "A node has ended:\n" + string.Join('\n', node.Output.TakeLast(100));
            }

            var output = node.Output;
            for (var i = 0; i < output.Count; i++)
            {
                if (output[i].StartsWith("fail:", StringComparison.Ordinal) || output[i].StartsWith("crit:", StringComparison.Ordinal) ||
                    output[i].Contains("Unhandled exception", StringComparison.Ordinal))
                {
                    return string.Join('\n', output.Skip(i).Take(30));
                }
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
        await _server.DisposeAsync();
    }
}
