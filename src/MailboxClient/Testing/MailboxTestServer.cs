using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mailbox.Client.Testing;

/// <summary>
/// The real server for your own tests, as a process on a free port of the loopback with a store of its own that is empty at
/// first: a <c>redis-server</c> from PATH, or the <c>garnet-server</c> tool. Both end with it. One for a test run is enough; give
/// each test mailboxes of its own.
/// </summary>
public sealed class MailboxTestServer : IAsyncDisposable
{
    /// <summary>The environment variable that says where the server is.</summary>
    public const string PathVariable = "MAILBOX_SERVER_PATH";

    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MailboxTestServer(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>What it wrote so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Starts a server and returns when it listens.</summary>
    /// <param name="options">Where the server is, and its settings.</param>
    /// <param name="cancellationToken">Gives up, and ends what was started.</param>
    /// <exception cref="FileNotFoundException">No server where the options or MAILBOX_SERVER_PATH say, or neither says where.</exception>
    /// <exception cref="InvalidOperationException">The server ended, or did not listen in time; with what it wrote.</exception>
    public static async Task<MailboxTestServer> StartAsync(
        MailboxTestServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MailboxTestServerOptions();
        var process = new Process { StartInfo = StartInfoOf(options, PathOf(options)), EnableRaisingEvents = true };
        var server = new MailboxTestServer(process);
        process.OutputDataReceived += (_, line) => server.Read(line.Data);
        process.ErrorDataReceived += (_, line) => server.Read(line.Data);
        process.Exited += (_, _) => server._address.TrySetException(new InvalidOperationException("It ended."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            server.BaseAddress = await server._address.Task.WaitAsync(options.StartTimeout, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException(
                $"The server does not start. {exception.Message} It wrote:\n{string.Join('\n', server._output)}", exception);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A client of this server. Dispose it.</summary>
    public MailboxClient CreateClient() => new(new MailboxClientOptions { BaseAddresses = { BaseAddress } });

    /// <summary>Ends the server and its store.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It has ended, or never began.
        }

        _process.Dispose();
    }

    private static string PathOf(MailboxTestServerOptions options)
    {
        var path = options.ServerPath ?? Environment.GetEnvironmentVariable(PathVariable);
        return string.IsNullOrEmpty(path)
            ? throw new FileNotFoundException(
                $"Where is the server? Say it by {nameof(MailboxTestServerOptions)}.{nameof(options.ServerPath)}, or by the environment " +
                $"variable {PathVariable}: the path of MailboxServer or MailboxServer.dll, as `dotnet publish src/MailboxServer` makes it.")
            : File.Exists(path) ? Path.GetFullPath(path) : throw new FileNotFoundException($"There is no server at {path}.", path);
    }

    private static ProcessStartInfo StartInfoOf(MailboxTestServerOptions options, string path)
    {
        var isAssembly = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isAssembly ? "dotnet" : path)
        {
            WorkingDirectory = Path.GetDirectoryName(path)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (isAssembly)
        {
            start.ArgumentList.Add(path);
        }

        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add("http://127.0.0.1:0");

        // What this process was given for itself must not reach the server.
        foreach (var name in start.Environment.Keys.ToList())
        {
            if (name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Mailbox__", StringComparison.OrdinalIgnoreCase) ||
                name.StartsWith("Kestrel__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development"; // where the server starts a store of its own
        foreach (var (name, value) in options.Settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return start;
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        while (_output.Count > 1000)
        {
            _output.TryDequeue(out _);
        }

        var at = line.IndexOf(Listening, StringComparison.Ordinal);
        if (at >= 0 && Uri.TryCreate(line[(at + Listening.Length)..].Trim(), UriKind.Absolute, out var address))
        {
            _address.TrySetResult(address);
        }
    }
}
