using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox;

/// <summary>
/// The life of a node: connect, check what is there, become ready, say every few seconds that it lives; at the end go
/// unready, end the streams spread over the drain window, leave.
/// </summary>
internal sealed partial class NodeService(
    Node node,
    RedisConnection connection,
    RedisWakeSource wakes,
    SessionRegistry sessions,
    VersionMarker marker,
    FunctionLibrary functions,
    NodeDirectory directory,
    RevocationList revocations,
    EngineInspector inspector,
    MailboxOptions options,
    IHostApplicationLifetime lifetime,
    ILogger<NodeService> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>After the window: the last streams' own goodbyes.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _living = Task.CompletedTask;
    private string? _told;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        connection.Recovered += sessions.WakeAll;
        wakes.Restored += sessions.WakeAll;
        await connection.ConnectAsync();
        if (!await TryBecomeReadyAsync(cancellationToken))
        {
            Log.Waiting(logger);
        }

        _living = LiveAsync();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs while the server still answers: health goes unready first, then the streams end.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        node.BeginDrain();
        Log.Draining(logger, sessions.Count, options.DrainWindow.TotalSeconds);
        await sessions.DrainAsync(options.DrainWindow, DrainPatience);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _living.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await directory.LeaveAsync(cancellationToken);
        }
        catch (StoreException)
        {
            // It is forgotten by itself.
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A start that failed ends without a stop: what lives on meets things that are gone, which is nothing to tell.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task LiveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (node.State == NodeState.Starting && !await TryBecomeReadyAsync(_stop.Token))
                {
                    await Task.Delay(Jittered(StartRetry), _stop.Token);
                    continue;
                }

                // Redis may be another by now: restarted empty, or written by newer nodes than this one.
                await marker.CheckAsync(_stop.Token);
                await revocations.ReadAsync(_stop.Token);
                await directory.BeatAsync(_stop.Token);
                await functions.EnsureAsync(_stop.Token);
            }
            catch (StoreException)
            {
                // Redis is away: said elsewhere, and tried again.
            }
            catch (UnreadableDataException exception)
            {
                node.ReadsStore = false;
                Log.Unreadable(logger, exception.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                Log.Unexpected(logger, FailureText.Of(exception));
            }

            await Task.Delay(Jittered(Beat), _stop.Token);
        }
    }

    /// <summary>Nodes that started together, or lost Redis together, shall not go on together.</summary>
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.75 + (Random.Shared.NextDouble() / 2));

    /// <summary>False while Redis or its wakes are away: a node that has never seen its data takes no calls of <c>/v1</c>.</summary>
    private async Task<bool> TryBecomeReadyAsync(CancellationToken cancellation)
    {
        try
        {
            await marker.CheckAsync(cancellation);
            await revocations.ReadAsync(cancellation);
            node.ReadsStore = true;
            await functions.RegisterAsync(cancellation);
            if (!await wakes.StartAsync())
            {
                return false;
            }

            var store = await inspector.InspectAsync(cancellation);
            Log.Ready(logger, node.Id, store.Engine!, store.Version!);
            if (store.AppendOnly == "no")
            {
                Log.NotDurable(logger);
            }

            if (store.EvictionPolicy is { } policy and not ("noeviction" or EngineInspector.Unknown))
            {
                Log.Evicts(logger, policy);
            }

            node.BecomeReady();
            return true;
        }
        catch (StoreException exception)
        {
            // Said once: this is tried again twice a second.
            if (exception.InnerException is { } refusal && !RedisFaults.IsSilence(refusal) &&
                RedisFaults.Remedy(refusal) is { } remedy && remedy != _told)
            {
                _told = remedy;
                Log.Refused(logger, remedy);
            }

            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Node {Node} is ready on {Engine} {Version}.")]
        public static partial void Ready(ILogger logger, string node, string engine, string version);

        [LoggerMessage(2, LogLevel.Warning, "Redis is not there yet; the node is not ready until it is.")]
        public static partial void Waiting(ILogger logger);

        [LoggerMessage(3, LogLevel.Warning, "Redis runs with appendonly no: accepted messages are lost when it restarts.")]
        public static partial void NotDurable(ILogger logger);

        [LoggerMessage(4, LogLevel.Warning, "Redis evicts ({Policy}): it may drop mailboxes when its memory is full. Set maxmemory-policy noeviction.")]
        public static partial void Evicts(ILogger logger, string policy);

        [LoggerMessage(5, LogLevel.Information, "Draining: {Streams} streams end within {Seconds} s.")]
        public static partial void Draining(ILogger logger, int streams, double seconds);

        [LoggerMessage(6, LogLevel.Critical, "{Reason}")]
        public static partial void Unreadable(ILogger logger, string reason);

        [LoggerMessage(7, LogLevel.Error, "The node's own care failed unexpectedly; it goes on.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);

        [LoggerMessage(8, LogLevel.Error, "Redis does not let this node work: {Remedy}.")]
        public static partial void Refused(ILogger logger, string remedy);
    }
}
