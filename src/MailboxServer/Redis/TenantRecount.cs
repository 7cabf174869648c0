using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// Counts what tenants hold by looking at their mailboxes: for what came past the nodes, and so that each tenant's count is not
/// older than a round.
/// </summary>
internal sealed class TenantRecount(
    RedisConnection connection, RedisMailboxStore store, TenantCounts counts, MailboxKeys keys, Node node, MailboxOptions options,
    ILogger<TenantRecount> logger) : MailboxRound(connection, store, keys.TenantLease, options.Limits.TenantRecount, node, logger)
{
    private const int TenantsAtOnce = 8;

    private long _began;

    protected override async Task BeginAsync(CancellationToken cancellation) => _began = await counts.NowAsync(cancellation);

    protected override async Task LookAtAsync(IReadOnlyList<string> mailboxes, CancellationToken cancellation)
    {
        foreach (var some in mailboxes.GroupBy(TenantCounts.TenantOf, StringComparer.Ordinal).Chunk(TenantsAtOnce))
        {
            await Task.WhenAll(some.Select(tenant => counts.NoteAsync(tenant.Key, tenant, _began, cancellation)));
        }
    }
}
