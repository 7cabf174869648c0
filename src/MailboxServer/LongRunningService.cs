namespace Mailbox;

/// <summary>
/// What runs beside the requests until the node stops. The framework's own <c>BackgroundService</c> begins by a task that a node which
/// cannot start cancels, on a busy machine before it began: the host tells that as a crash. This one begins in any case, and sees
/// that it is to end.
/// </summary>
internal abstract class LongRunningService : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Completes when it has ended.</summary>
    protected Task Running { get; private set; } = Task.CompletedTask;

    public virtual Task StartAsync(CancellationToken cancellationToken)
    {
        var stopping = _stopping.Token; // now: a failed start may have disposed its source by then
        Running = Task.Run(() => ExecuteAsync(stopping), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <param name="cancellationToken">It is waited for until then.</param>
    public virtual async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A start that failed ends without a stop.</summary>
    public virtual void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    /// <summary>Must not fail: nobody looks.</summary>
    /// <param name="stoppingToken">Cancelled when the node stops.</param>
    protected abstract Task ExecuteAsync(CancellationToken stoppingToken);
}
