using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>A node's memory before, during and after a flood, printed and bounded.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly MailboxNode _node;
    private readonly ITestOutputHelper _output;
    private readonly long _before;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _most;

    public MemoryWatch(MailboxNode node, ITestOutputHelper output)
    {
        (_node, _output, _before) = (node, output, node.ResidentBytes);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Prints, and fails when the node grew by more than so many MiB at its largest.</summary>
    public void StaysWithin(int mebibytes)
    {
        var after = _node.ResidentBytes;
        var most = Math.Max(Interlocked.Read(ref _most), after);
        _output.WriteLine($"RSS before {_before / MiB} MiB, during at most {most / MiB} MiB, after {after / MiB} MiB");
        (most - _before).ShouldBeLessThan(mebibytes * MiB);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _most, Math.Max(_most, _node.ResidentBytes));
            await Task.Delay(50);
        }
    }
}
