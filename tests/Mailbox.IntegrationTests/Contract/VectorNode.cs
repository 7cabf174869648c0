using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>A Redis that nothing else has touched and a node with the settings of the vectors.</summary>
public sealed class VectorNode : IAsyncLifetime
{
    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        Node = await Redis.StartNodeAsync([Cluster.Unhurried, .. ConformanceVectors.All.Settings.Select(setting => (setting.Key, setting.Value))]);
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
        {
            await Node.DisposeAsync();
        }

        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }
    }
}
