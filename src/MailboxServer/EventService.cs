using Mailbox.Mailboxes;

namespace Mailbox;

/// <summary>
/// Tells what the sessions of this node do, for as long as it runs and a little longer: the ends of its streams in a drain are told, too.
/// </summary>
internal sealed class EventService(EventReporter reporter) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        reporter.Complete();
        _end.CancelAfter(Patience);
        await (ExecuteTask ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await reporter.RunAsync(_end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
