using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Looks through all mailboxes from time to time, one node at a time, a bounded part of Redis with each call. The turn is a lease: of
/// a node that dies meanwhile, another takes over when it is over.
/// </summary>
internal abstract partial class MailboxRound(
    RedisConnection connection, RedisMailboxStore store, RedisKey lease, TimeSpan every, Node node, ILogger logger) : LongRunningService
{
    /// <summary>Between two calls: others come first.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(every * (0.5 + (Random.Shared.NextDouble() / 2)), stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (node.ReadsStore && !stoppingToken.IsCancellationRequested && await connection.CallAsync(
                    lease, database => database.StringSetAsync(lease, node.Id, every * 0.5, When.NotExists), stoppingToken))
                {
                    await LookThroughAsync(stoppingToken);
                }
            }
            catch (StoreException)
            {
                // Said elsewhere. The next turn begins anew.
            }
            catch (Exception exception)
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    Log.Unexpected(logger, GetType().Name, FailureText.Of(exception));
                }
            }
        }
    }

    protected virtual Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>A page of names, in no order; one may come twice.</summary>
    protected abstract Task LookAtAsync(IReadOnlyList<string> mailboxes, CancellationToken cancellation);

    protected virtual Task EndAsync(CancellationToken cancellation) => Task.CompletedTask;

    private async Task LookThroughAsync(CancellationToken cancellation)
    {
        await BeginAsync(cancellation);
        string? cursor = null;
        do
        {
            var page = await store.ListAsync("", cursor, cancellation);
            await LookAtAsync(page.Mailboxes, cancellation);
            await connection.CallAsync(lease, database => database.KeyExpireAsync(lease, every * 0.5), cancellation);
            await Task.Delay(Pause, cancellation);
            cursor = page.Cursor;
        }
        while (cursor is not null);

        await EndAsync(cancellation);
    }

    private static partial class Log
    {
        [LoggerMessage(1601, LogLevel.Error, "{Round}: looking through the mailboxes failed unexpectedly; it goes on.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string round, string failure);
    }
}
