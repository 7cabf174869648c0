using System.Net;

namespace Mailbox.TestKit;

/// <summary>A real engine as a process on a free port. Several tests may share one, each with fresh names.</summary>
public abstract class RedisEngine : IRedis, IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(20);

    private WatchedProcess? _process;

    public int Port { get; private set; }

    /// <summary>Where it listens: the loopback, unless it has a network namespace of its own.</summary>
    public virtual IPAddress Address => IPAddress.Loopback;

    public IPEndPoint EndPoint => new IPEndPoint(Address, Port);

    public int Pid => Running.Pid;

    /// <summary>The memory that it has in use now. Linux.</summary>
    public long ResidentBytes => EngineResidue.ResidentBytes(Pid);

    /// <summary>In the form of <c>Mailbox:Redis:ConnectionString</c>.</summary>
    public string ConnectionString => $"{EndPoint}" + (Password is null ? "" : $",password={Password}");

    public bool IsRunning => _process is { HasExited: false };

    public IReadOnlyList<string> Output => Running.Output;

    public abstract bool HasFunctions { get; }

    /// <summary>Its own directory, removed at the end.</summary>
    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("mailbox-engine-").FullName;

    protected virtual string? Password => null;

    private WatchedProcess Running => _process ?? throw new InvalidOperationException("The engine was never started.");

    public Task<RedisCli> ConnectAsync(CancellationToken cancellationToken = default) =>
        RedisCli.ConnectAsync(EndPoint, Password, cancellationToken);

    public IRedisCalls NewCalls() => new PrimaryCalls(ConnectAsync);

    /// <summary>One command on a connection of its own.</summary>
    public async Task<object?> ExecuteAsync(params object[] args)
    {
        await using var cli = await ConnectAsync();
        return await cli.ExecuteAsync(args);
    }

    /// <summary>Ends it in an orderly way (SIGTERM): what it persists is written.</summary>
    public async Task StopAsync()
    {
        if (IsRunning)
        {
            Running.Thaw(); // a frozen process does not see SIGTERM
            Running.Terminate();
            await Running.WaitForExitAsync(StopDeadline);
        }
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    public Task KillAsync() => Running.KillAsync();

    /// <summary>SIGSTOP: connections stay open and nothing answers, which no client library takes for a failure.</summary>
    public void Freeze() => Running.Freeze();

    public void Thaw() => Running.Thaw();

    /// <summary>Starts it again on the same port and directory; ends it first if it runs.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        await Running.DisposeAsync();
        await LaunchAsync(cancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await ReleaseDirectoryAsync();

        // A child of what was killed may still write there.
        await Eventually.HoldsAsync(
            () =>
            {
                Directory.Delete(DataDirectory, recursive: true);
                return true;
            },
            StopDeadline,
            "the directory is gone");
        GC.SuppressFinalize(this);
    }

    /// <summary>Once for a port, before the first start: what the engine changes in its own files lasts over a restart.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected abstract Task<WatchedProcess> StartProcessAsync(CancellationToken cancellationToken);

    /// <summary>Before the directory is removed.</summary>
    protected virtual ValueTask ReleaseDirectoryAsync() => ValueTask.CompletedTask;

    protected async Task FirstStartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePorts.Take();
            try
            {
                await PrepareAsync(cancellationToken);
                await LaunchAsync(cancellationToken);
                return;
            }
            catch (Exception) when (attempt < 3 && IsPortTaken())
            {
                // Someone else came between the look and the start.
                await Running.DisposeAsync();
            }
            catch
            {
                await DisposeAsync();
                throw;
            }
        }
    }

    private bool IsPortTaken() =>
        _process?.Output.Any(line => line.Contains("already in use", StringComparison.OrdinalIgnoreCase)) ?? false;

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var process = _process = await StartProcessAsync(cancellationToken);
        try
        {
            await Eventually.HoldsAsync(
                async () => process.HasExited || await IsAnsweringAsync(cancellationToken),
                StartDeadline,
                "it answers PING",
                cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{GetType().Name} on port {Port}: {exception.Message} {process.Describe()}", exception);
        }

        if (process.HasExited)
        {
            var code = await process.WaitForExitAsync(StopDeadline, cancellationToken);
            throw new InvalidOperationException($"{GetType().Name} on port {Port} ended with {code}. {process.Describe()}");
        }
    }

    private async Task<bool> IsAnsweringAsync(CancellationToken cancellationToken)
    {
        await using var cli = await ConnectAsync(cancellationToken);
        cli.Deadline = TimeSpan.FromSeconds(2);
        return await cli.TextAsync("PING") == "PONG";
    }
}
