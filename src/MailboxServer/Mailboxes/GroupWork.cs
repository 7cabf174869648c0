namespace Mailbox.Mailboxes;

/// <summary>What this node has to do for one group: it runs until nothing waits, and remembers what woke it meanwhile.</summary>
internal sealed class GroupWork(string group)
{
    private volatile TaskCompletionSource _woken = New();

    public string Group => group;

    public Task Running { get; set; } = Task.CompletedTask;

    /// <summary>Members could not be reached for a whole patience: the next ones are not waited for, until one answers.</summary>
    public bool IsImpatient { get; set; }

    public bool IsWoken => _woken.Task.IsCompleted;

    public void Wake() => _woken.TrySetResult();

    /// <summary>From here on a wake means that it is to be done again.</summary>
    public void Begin()
    {
        if (IsWoken)
        {
            _woken = New();
        }
    }

    /// <summary>At least so long, and then until a wake comes, at most so long.</summary>
    public async Task WaitAsync(TimeSpan least, TimeSpan most, CancellationToken cancellation)
    {
        await Task.Delay(least, cancellation);
        await _woken.Task.WaitAsync(most - least, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
