using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Mailbox.TestKit;

/// <summary>
/// A child process that dies with the tests, also when they are killed. Linux and macOS.
/// </summary>
public sealed class WatchedProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _shell;
    private readonly bool _signalsGroup;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Task _reading;
    private bool _isDisposed;

    private WatchedProcess(Process shell, int pid, bool signalsGroup)
    {
        _shell = shell;
        _signalsGroup = signalsGroup;
        Pid = pid;
        _reading = Task.WhenAll(ReadAsync(shell.StandardOutput), ReadAsync(shell.StandardError));
    }

    public int Pid { get; }

    public bool HasExited => _isDisposed || _shell.HasExited;

    /// <summary>The lines of standard output and standard error so far.</summary>
    public IReadOnlyList<string> Output => _output.ToArray();

    /// <param name="signalsGroup">Signals reach also what the child started: for a child that only wraps another.</param>
    /// <param name="environment">Added to our own; null removes a variable.</param>
    /// <param name="network">Where it runs; null for where we do.</param>
    public static async Task<WatchedProcess> StartAsync(
        string file,
        IEnumerable<string> arguments,
        IEnumerable<KeyValuePair<string, string?>>? environment = null,
        string? workingDirectory = null,
        bool signalsGroup = false,
        NetworkNamespace? network = null,
        CancellationToken cancellationToken = default)
    {
        var (program, rest) = network?.Within(file, arguments) ?? (file, arguments);
        var start = Watchdog.Over(program, rest);
        start.WorkingDirectory = workingDirectory ?? "";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var shell = Process.Start(start)!;
        var first = await shell.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        if (!int.TryParse(first, CultureInfo.InvariantCulture, out var pid))
        {
            var error = await shell.StandardError.ReadToEndAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            throw new InvalidOperationException($"'{file}' did not start: {first} {error}");
        }

        return new WatchedProcess(shell, pid, signalsGroup);
    }

    public void Terminate() => Send(PosixSignals.Terminate);

    /// <summary>Stops it without an end: its connections stay, and nobody answers on them.</summary>
    public void Freeze() => Send(PosixSignals.Stop);

    public void Thaw() => Send(PosixSignals.Continue);

    public async Task KillAsync()
    {
        Send(PosixSignals.Kill);
        await WaitForExitAsync(Patience);
    }

    /// <returns>The exit code; 128 + the signal's number when a signal ended it.</returns>
    /// <exception cref="TimeoutException">It still runs; the message has its output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            await _shell.WaitForExitAsync(cancellationToken).WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Process {Pid} still runs after {timeout}. {Describe()}");
        }

        // What it started may hold its output open: wait for the last lines, but not for those.
        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(10), cancellationToken));
        return _shell.ExitCode;
    }

    /// <summary>The last lines of its output, for the message of a failure.</summary>
    public string Describe(int lines = 200) => "Its output:\n" + string.Join('\n', _output.TakeLast(lines));

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _shell.StandardInput.Close();
        try
        {
            await _shell.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _shell.Kill(entireProcessTree: true);
        }

        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(1)));
        _shell.Dispose();
    }

    private void Send(int signal)
    {
        // Once the shell has reaped the child, its number may be another process's.
        if (!HasExited)
        {
            PosixSignals.Send(_signalsGroup ? -Pid : Pid, signal);
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                _output.Enqueue(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Disposed while something that it started still holds the other end.
        }
    }
}
