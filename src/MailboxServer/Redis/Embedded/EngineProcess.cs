using System.ComponentModel;
using System.Diagnostics;

namespace Mailbox.Redis.Embedded;

/// <summary>
/// A child that dies with this process, however this process dies. On POSIX a watchdog reads a pipe of ours; at end of
/// file it kills the child. Both are in a session of their own: Ctrl-C in the terminal must not end the engine before the
/// streams are drained, and a kill of the server's process group must not take the watchdog along. On Windows a job.
/// </summary>
internal sealed class EngineProcess : IAsyncDisposable
{
    private const int KeptLines = 40;

    // $1 is the scratch directory, the rest the command. The shell becomes the engine, so that the process that was started
    // is the engine. A background job's standard input is /dev/null, hence descriptor 3. The group is killed, not only the
    // engine: `dotnet tool run` has a child of its own. Without a session there is no group of that number.
    private const string Watchdog =
        """
        scratch=$1; shift
        exec 3<&0
        ( trap '' HUP INT TERM
          while read -r line <&3; do :; done
          rm -rf -- "$scratch"
          kill -s KILL -- -$$ || kill -s KILL $$ ) >/dev/null 2>&1 &
        exec "$@" 3<&- </dev/null
        """;

    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly KillOnCloseJob? _job;
    private readonly Queue<string> _lines = new();
    private int _isInputClosed;

    private EngineProcess(Process process, Action<string> onOutput)
    {
        _process = process;
        process.OutputDataReceived += (_, output) => Keep(output.Data, onOutput);
        process.ErrorDataReceived += (_, output) => Keep(output.Data, onOutput);
        process.Start();
        _job = OperatingSystem.IsWindows() ? KillOnCloseJob.Around(process) : null;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exit = WaitForExitAsync();
    }

    public int Pid => _process.Id;

    /// <summary>Completes with the exit code when it has ended and all it wrote was read.</summary>
    public Task<int> Exit { get; }

    /// <summary>The newest lines of what it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join(Environment.NewLine, _lines);
            }
        }
    }

    /// <exception cref="EmbeddedEngineException">The command cannot be started at all.</exception>
    public static EngineProcess Start(
        IEnumerable<string> command, string? directory, string scratch, Action<string> onOutput)
    {
        var words = OperatingSystem.IsWindows() ? command : [.. Session(), "sh", "-c", Watchdog, "watchdog", scratch, .. command];
        var start = new ProcessStartInfo(words.First(), words.Skip(1))
        {
            WorkingDirectory = directory ?? scratch,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new EngineProcess(new Process { StartInfo = start }, onOutput);
        }
        catch (Win32Exception exception)
        {
            throw new EmbeddedEngineException($"'{start.FileName}' cannot be started: {exception.Message}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        CloseInput();
        if (OperatingSystem.IsWindows())
        {
            _job?.Dispose();
        }

        try
        {
            await Exit.WaitAsync(ExitDeadline);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Exit;
        }

        _process.Dispose();
    }

    /// <summary>The words that put what follows into a session of its own; macOS has no setsid, but perl.</summary>
    private static string[] Session() =>
        ProgramPath.Find("setsid") is { } setsid ? [setsid]
        : ProgramPath.Find("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or exit 127"]
        : [];

    private async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();

        // The watchdog goes now: later its number may be somebody else's.
        CloseInput();
        return _process.ExitCode;
    }

    /// <summary>Once: the engine may end by itself while it is ended, and two who close a writer stumble over each other.</summary>
    private void CloseInput()
    {
        if (Interlocked.Exchange(ref _isInputClosed, 1) == 0)
        {
            _process.StandardInput.Close();
        }
    }

    private void Keep(string? line, Action<string> onOutput)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
            {
                _lines.Dequeue();
            }
        }

        onOutput(line);
    }
}
