using Mailbox.Mailboxes;

namespace Mailbox;

/// <summary>
/// Tells what the sessions of this node do, for as long as it runs and a little longer: the ends of its streams in a drain are told, too.
/// </summary>
internal sealed partial class EventService(EventReporter reporter, ILogger<EventService> logger) : LongRunningService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        reporter.Complete();
        _end.CancelAfter(Patience);
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await reporter.RunAsync(_end.Token);
                return;
            }
            catch (Exception exception)
            {
                if (!_end.IsCancellationRequested)
                {
                    Log.Unexpected(logger, FailureText.Of(exception));
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "Telling of an event failed unexpectedly; it goes on with the next.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
