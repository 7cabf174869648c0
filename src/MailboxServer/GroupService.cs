using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox;

/// <summary>
/// Wakes this node's work for groups: when something was put into an outbox, and, as a wake may be lost, with each sweep, when
/// Redis answers again, and when the wake path was rebuilt.
/// </summary>
internal sealed partial class GroupService(
    GroupFanOut fanOut, IGroupStore groups, RedisWakeSource wakes, RedisConnection connection, Node node, MailboxOptions options,
    ILogger<GroupService> logger) : LongRunningService, IHostedLifecycleService
{
    private readonly SemaphoreSlim _look = new(0, 1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        wakes.GroupWoken += Wake;
        wakes.Restored += LookNow;
        connection.Recovered += LookNow;
        return base.StartAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>At the beginning of the drain: another node goes on while this one ends its streams.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        wakes.GroupWoken -= Wake;
        wakes.Restored -= LookNow;
        connection.Recovered -= LookNow;
        await fanOut.StopAsync();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        base.Dispose(); // which ends the wait
        _look.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await ((Task)_look.WaitAsync(options.Sweep * (0.75 + (Random.Shared.NextDouble() / 2)), stoppingToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (node.ReadsStore && !stoppingToken.IsCancellationRequested)
                {
                    foreach (var group in await groups.WaitingAsync(stoppingToken))
                    {
                        fanOut.Wake(group);
                    }
                }
            }
            catch (StoreException)
            {
                // Looked for again when it answers.
            }
            catch (Exception exception)
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    Log.Unexpected(logger, FailureText.Of(exception));
                }
            }
        }
    }

    private void Wake(string group)
    {
        if (node.ReadsStore)
        {
            fanOut.Wake(group);
        }
    }

    private void LookNow()
    {
        try
        {
            _look.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9, LogLevel.Error, "Looking for deliveries to groups failed unexpectedly; it goes on.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
