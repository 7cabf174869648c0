using System.Diagnostics;

namespace Mailbox.TestKit;

/// <summary>For how long this machine ran nobody's timers: what a limit in seconds does not speak of.</summary>
public sealed class Stalls : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _ticks;

    public Stalls() => _running = Task.Run(WatchAsync);

    /// <summary>Since it was made.</summary>
    public TimeSpan Total => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var from = Stopwatch.GetTimestamp();
            await Task.Delay(Beat);
            if (Stopwatch.GetElapsedTime(from) - Beat is var late && late > Beat)
            {
                Interlocked.Add(ref _ticks, late.Ticks);
            }
        }
    }
}
