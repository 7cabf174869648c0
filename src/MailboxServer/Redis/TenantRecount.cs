using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Looks through all mailboxes from time to time, one node at a time, a bounded part of Redis with each call: for what
/// came past the nodes, and so that each tenant's count is not older than that.
/// </summary>
internal sealed partial class TenantRecount(
    RedisConnection connection, RedisMailboxStore store, TenantCounts counts, MailboxKeys keys, Node node, MailboxOptions options,
    ILogger<TenantRecount> logger) : BackgroundService
{
    private const int TenantsAtOnce = 8;

    /// <summary>Between two calls: others come first.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly TimeSpan _every = options.Limits.TenantRecount;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_every * (0.5 + (Random.Shared.NextDouble() / 2)), stoppingToken);
            try
            {
                if (node.ReadsStore && await IsOursAsync(stoppingToken))
                {
                    await LookThroughAsync(stoppingToken);
                }
            }
            catch (StoreException)
            {
                // Said elsewhere. The next turn begins anew.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Unexpected(logger, exception);
            }
        }
    }

    /// <summary>A lease: of a node that dies while it counts, another takes over when it is over.</summary>
    private ValueTask<bool> IsOursAsync(CancellationToken cancellation) => connection.CallAsync(
        keys.TenantLease, database => database.StringSetAsync(keys.TenantLease, node.Id, _every * 0.5, When.NotExists), cancellation);

    private async Task LookThroughAsync(CancellationToken cancellation)
    {
        var began = await counts.NowAsync(cancellation);
        string? cursor = null;
        do
        {
            var page = await store.ListAsync("", cursor, cancellation);
            foreach (var some in page.Mailboxes.GroupBy(TenantCounts.TenantOf, StringComparer.Ordinal).Chunk(TenantsAtOnce))
            {
                await Task.WhenAll(some.Select(tenant => counts.NoteAsync(tenant.Key, tenant, began, cancellation)));
            }

            await connection.CallAsync(
                keys.TenantLease, database => database.KeyExpireAsync(keys.TenantLease, _every * 0.5), cancellation);
            await Task.Delay(Pause, cancellation);
            cursor = page.Cursor;
        }
        while (cursor is not null);
    }

    private static partial class Log
    {
        [LoggerMessage(1601, LogLevel.Error, "The count of what tenants hold failed unexpectedly; it goes on.")]
        public static partial void Unexpected(ILogger logger, Exception exception);
    }
}
