using System.Net;

namespace Mailbox.TestKit;

/// <summary>The real server as a process of its own, which can be killed, frozen and drained.</summary>
public sealed class MailboxNode : IAsyncDisposable
{
    private readonly WatchedProcess _process;

    private MailboxNode(WatchedProcess process, Uri address, Uri? http2Address)
    {
        _process = process;
        BaseAddress = address;
        Http2Address = http2Address;
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = BaseAddress,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public Uri BaseAddress { get; }

    /// <summary>HTTP/2 with prior knowledge, if the options asked for it.</summary>
    public Uri? Http2Address { get; }

    /// <summary>HTTP/1.1 to <see cref="BaseAddress"/>: no proxy, no redirects, no cookies, 30 s.</summary>
    public HttpClient Http { get; }

    public int Pid => _process.Pid;

    /// <summary>The memory that it has in use now. Linux.</summary>
    public long ResidentBytes => EngineResidue.ResidentBytes(Pid);

    public bool HasExited => _process.HasExited;

    /// <summary>The lines of standard output and standard error so far.</summary>
    public IReadOnlyList<string> Output => _process.Output;

    /// <exception cref="InvalidOperationException">The node ended, or was not ready in time; with its output.</exception>
    public static async Task<MailboxNode> StartAsync(
        MailboxNodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MailboxNodeOptions();
        for (var attempt = 1; ; attempt++)
        {
            var address = NodeLauncher.AddressOf(options, options.Port);
            var http2Address = options.Http2 ? NodeLauncher.AddressOf(options) : null;
            var process = await NodeLauncher.LaunchAsync(options, address, http2Address, cancellationToken);
            var node = new MailboxNode(process, address, http2Address);
            try
            {
                if (options.WaitsUntilReady)
                {
                    await node.WaitUntilReadyAsync(options.StartDeadline, cancellationToken);
                }

                return node;
            }
            catch (Exception exception)
            {
                await node.DisposeAsync();
                var isPortTaken = node.Output.Any(line => line.Contains("already in use", StringComparison.OrdinalIgnoreCase));
                if (!isPortTaken || attempt == 3)
                {
                    throw new InvalidOperationException($"{exception.Message} {node._process.Describe()}", exception);
                }
            }
        }
    }

    public static Task<MailboxNode> StartAsync(
        IRedis redis, MailboxNodeOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync((options ?? new MailboxNodeOptions()) with { Redis = redis.ConnectionString }, cancellationToken);

    /// <summary>Until <c>/health/ready</c> answers 200.</summary>
    public async Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        await Eventually.HoldsAsync(
            async () => HasExited || await ReadyStatusAsync(cancellationToken) == HttpStatusCode.OK,
            timeout,
            $"the node on {BaseAddress} is ready",
            cancellationToken);
        if (HasExited)
        {
            var code = await WaitForExitAsync(timeout, cancellationToken);
            throw new InvalidOperationException($"The node ended with {code}.");
        }
    }

    /// <summary>SIGTERM: the node drains.</summary>
    public void Terminate() => _process.Terminate();

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGSTOP: its connections stay open, and it does nothing.</summary>
    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    /// <returns>The exit code; 128 + the signal's number when a signal ended it.</returns>
    /// <exception cref="TimeoutException">It still runs; the message has its output.</exception>
    public Task<int> WaitForExitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _process.WaitForExitAsync(timeout, cancellationToken);

    /// <exception cref="InvalidOperationException">It logged what must stay secret.</exception>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        Secrets.ThrowIfIn(Output);
    }

    private async Task<HttpStatusCode> ReadyStatusAsync(CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync("/health/ready", cancellationToken);
        return response.StatusCode;
    }
}
