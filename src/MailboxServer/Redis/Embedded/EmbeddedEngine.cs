using System.Diagnostics;
using System.Globalization;

namespace Mailbox.Redis.Embedded;

/// <summary>
/// A Redis of the server's own, for development: a child process on a loopback port that keeps nothing on disk and dies
/// with the server, also after kill -9.
/// </summary>
internal sealed partial class EmbeddedEngine : IAsyncDisposable
{
    // Garnet took 0.6 to 0.8 s to answer on two cores; a loaded laptop may need many times that.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingDeadline = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(20);
    private const int PortsToTry = 3;

    private readonly EngineProcess _process;
    private readonly string _scratch;
    private readonly ILogger _logger;
    private readonly Task _watching;
    private volatile bool _isDisposed;

    private EmbeddedEngine(string name, int port, EngineProcess process, string scratch, ILogger logger)
    {
        Name = name;
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        _process = process;
        Pid = process.Pid;
        _scratch = scratch;
        _logger = logger;
        _watching = WatchAsync();
    }

    /// <summary>In StackExchange.Redis's form.</summary>
    public string ConnectionString { get; }

    /// <summary><c>redis-server</c> (Valkey too) or <c>garnet-server</c>.</summary>
    public string Name { get; }

    /// <summary>Of the engine itself, except for a command that starts it as a child of its own.</summary>
    public int Pid { get; }

    /// <summary>Completes when the engine answers.</summary>
    /// <exception cref="EmbeddedEngineException">There is no engine, or it did not start; the message is for people.</exception>
    public static async Task<EmbeddedEngine> StartAsync(
        EmbeddedOptions options, ILogger logger, CancellationToken cancellation)
    {
        var command = EngineCommand.Find(options);
        if (options.Port != 0)
        {
            return LoopbackPort.IsTaken(options.Port)
                ? throw new EmbeddedEngineException($"Port {options.Port} (Mailbox:Embedded:Port) is in use.")
                : await StartAsync(command, options.Port, logger, cancellation);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartAsync(command, LoopbackPort.FindFree(), logger, cancellation);
            }
            catch (EmbeddedEngineException exception) when (exception.EndedEarly && attempt < PortsToTry)
            {
                // A port is free only until somebody takes it, and between the look and the start somebody may.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _process.DisposeAsync();
        await _watching;
        Remove(_scratch);
    }

    private static async Task<EmbeddedEngine> StartAsync(
        EngineCommand command, int port, ILogger logger, CancellationToken cancellation)
    {
        var scratch = Directory.CreateTempSubdirectory("mailbox-").FullName;
        EngineProcess? process = null;
        try
        {
            var started = Stopwatch.GetTimestamp();
            process = EngineProcess.Start(
                command.Words.Concat(command.Flags(port, scratch)), command.Directory, scratch, line => Log.Output(logger, line));
            await WaitUntilAnsweringAsync(command.Name, process, port, cancellation);
            Log.Started(logger, command.Name, process.Pid, port, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return new EmbeddedEngine(command.Name, port, process, scratch, logger);
        }
        catch
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }

            Remove(scratch);
            throw;
        }
    }

    private static async Task WaitUntilAnsweringAsync(
        string name, EngineProcess process, int port, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(port, cancellation))
        {
            if (process.Exit.IsCompleted)
            {
                throw new EmbeddedEngineException(
                    $"{name} ended with exit code {await process.Exit} before it answered. It wrote:{Environment.NewLine}{process.Output}")
                {
                    EndedEarly = true,
                };
            }

            if (Stopwatch.GetElapsedTime(started) > StartDeadline)
            {
                throw new EmbeddedEngineException(
                    $"{name} does not answer on port {port} after {StartDeadline.TotalSeconds} s. It wrote:{Environment.NewLine}{process.Output}");
            }

            await Task.Delay(PingInterval, cancellation);
        }
    }

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(PingDeadline);
        try
        {
            return await LoopbackPort.AnswersAsync(port, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private static void Remove(string scratch)
    {
        try
        {
            Directory.Delete(scratch, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The watchdog was first.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An empty directory is left behind in the system's place for such; that must not fail a shutdown.
        }
    }

    private async Task WatchAsync()
    {
        var exitCode = await _process.Exit;
        if (!_isDisposed)
        {
            Log.Ended(_logger, Name, exitCode, _process.Output);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Information, "{Engine} (process {Pid}) answers on port {Port} after {Milliseconds} ms; it keeps nothing on disk and ends with this server.")]
        public static partial void Started(ILogger logger, string engine, int pid, int port, long milliseconds);

        [LoggerMessage(1302, LogLevel.Debug, "The embedded engine: {Line}")]
        public static partial void Output(ILogger logger, string line);

        [LoggerMessage(1303, LogLevel.Error, "{Engine} has ended with exit code {ExitCode}, and all messages with it; start the server again. It wrote:\n{Output}")]
        public static partial void Ended(ILogger logger, string engine, int exitCode, string output);
    }
}
