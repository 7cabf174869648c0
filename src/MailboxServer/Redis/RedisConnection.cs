using System.Collections.Concurrent;
using System.Diagnostics;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// The node's connection for commands. Every call has a deadline of our own; passing refusals are sent again, jittered,
/// until then; a server that missed one is refused at once until it answers a probe, and is connected anew when it
/// misses several.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private const long UnderWay = long.MaxValue;
    private const int MostTimesUnknown = 3;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RebuildAfter = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan RebuildAtLeastEvery = TimeSpan.FromMinutes(1);

    private readonly ConfigurationOptions _configuration;
    private readonly TimeSpan _deadline;
    private readonly ILogger<RedisConnection> _logger;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>When a script's text was answered (Stopwatch), by its name; <see cref="UnderWay"/> until it is.</summary>
    private readonly ConcurrentDictionary<string, long> _texts = new(StringComparer.Ordinal);
    private readonly Func<IDatabase, (RedisScript Script, RedisKey[] Keys, RedisValue[] Arguments), Task<RedisResult>> _sendText;
    private ConnectionMultiplexer _multiplexer = null!;
    private IDatabase _database = null!;
    private int _isRebuilding;
    private long _lookedForPrimary;

    public RedisConnection(string connectionString, TimeSpan deadline, ILogger<RedisConnection> logger)
    {
        _configuration = RedisClientVersion.Parse(connectionString);
        _deadline = deadline;
        _logger = logger;
        _sendText = SendTextAsync;
    }

    /// <summary>A server that was silent answers again.</summary>
    public event Action? Recovered;

    public RedisPrimaries Primaries { get; private set; } = null!;

    public ConfigurationOptions Configuration => _configuration;

    /// <summary>Completes also when Redis is away: the client goes on trying, and calls are refused until it is there.</summary>
    public async Task ConnectAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(_configuration);
        RedisClientVersion.SetUp(connection);
        _multiplexer = connection;
        Primaries = new RedisPrimaries(connection, Primaries);
        _database = connection.GetDatabase();
    }

    /// <summary>
    /// Runs a script by its hash, and by its text when the server does not know it (any more). Never on a replica: the client
    /// would fall back to one while the primary is not connected, and what it lacks would be taken for what is not there.
    /// </summary>
    /// <exception cref="StoreException">No answer in time, or a fault of the store.</exception>
    public ValueTask<RedisResult> RunAsync(
        RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellation) =>
        CallAsync(
            static (database, call) => database.ScriptEvaluateAsync(call.Script.Hash, call.Keys, call.Arguments, CommandFlags.DemandMaster),
            _sendText,
            (Script: script, Keys: keys, Arguments: arguments),
            keys[0],
            cancellation,
            script.Name);

    /// <summary>Runs a command that may be repeated and that any server may answer.</summary>
    /// <exception cref="StoreException">No answer in time, or a fault of the store.</exception>
    public ValueTask<T> CallAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellation) =>
        CallAsync(static (database, call) => call(database), null, call, null, cancellation);

    /// <summary>Runs a command that may be repeated, of this key.</summary>
    /// <exception cref="StoreException">No answer in time, or a fault of the store.</exception>
    public ValueTask<T> CallAsync<T>(RedisKey key, Func<IDatabase, Task<T>> call, CancellationToken cancellation) =>
        CallAsync(static (database, call) => call(database), null, call, key, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_multiplexer is { } connection)
        {
            await RedisClientVersion.CloseAsync(connection);
        }

        _stop.Dispose();
    }

    private async ValueTask<T> CallAsync<T, TState>(
        Func<IDatabase, TState, Task<T>> send,
        Func<IDatabase, TState, Task<T>>? sendAgain,
        TState state,
        RedisKey? key,
        CancellationToken cancellation,
        string? script = null)
    {
        var breaker = Primaries.BreakerOf(key);
        if (breaker.IsOpen)
        {
            throw new StoreException(StoreFault.Unavailable, "Redis does not answer.");
        }

        var started = Environment.TickCount64;
        var attempt = 0;
        var unknown = 0;
        while (true)
        {
            var left = _deadline - TimeSpan.FromMilliseconds(Environment.TickCount64 - started);
            var began = Stopwatch.GetTimestamp();
            try
            {
                var answer = await send(_database, state).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation);
                NodeMetrics.RedisRoundtrip.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
                return answer;
            }
            catch (Exception exception) when (sendAgain is not null && RedisFaults.IsUnknownScript(exception))
            {
                // A Redis that is new to all sessions of a node at once is sent the text by one of them; the others ask again.
                // (Text that is under way may be for another primary, and that one silent.)
                if (++unknown == MostTimesUnknown || TakesText(script!, began))
                {
                    send = sendAgain;
                }
            }
            catch (Exception exception) when (RedisFaults.IsPassing(exception))
            {
                var pause = TimeSpan.FromMilliseconds(Random.Shared.Next(10, 30) << Math.Min(attempt++, 3));
                if (Environment.TickCount64 - started + pause.TotalMilliseconds >= _deadline.TotalMilliseconds || breaker.IsOpen)
                {
                    NoteSilence(exception, breaker, key);
                    throw RedisFaults.AsStoreException(exception)!;
                }

                if (exception is RedisServerException)
                {
                    LookForPrimary();
                }

                await Task.Delay(pause, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception exception) when (RedisFaults.AsStoreException(exception) is { } fault)
            {
                NoteSilence(exception, breaker, key);
                if (script is not null && exception is RedisServerException)
                {
                    NodeMetrics.ScriptFailed(script);
                }

                throw fault;
            }
        }
    }

    private async Task<RedisResult> SendTextAsync(IDatabase database, (RedisScript Script, RedisKey[] Keys, RedisValue[] Arguments) call)
    {
        try
        {
            return await database.ExecuteAsync("EVAL", EvalArguments(call.Script, call.Keys, call.Arguments), CommandFlags.DemandMaster);
        }
        finally
        {
            _texts[call.Script.Name] = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>
    /// Whether it is this call's turn to send the text: nobody's is under way, or was answered since this call was sent.
    /// </summary>
    private bool TakesText(string script, long began)
    {
        var answered = _texts.GetOrAdd(script, 0);
        return answered <= began && _texts.TryUpdate(script, UnderWay, answered);
    }

    private static object[] EvalArguments(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        var all = new object[2 + keys.Length + arguments.Length];
        all[0] = script.Text;
        all[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
        {
            all[2 + i] = keys[i];
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            all[2 + keys.Length + i] = arguments[i];
        }

        return all;
    }

    /// <summary>The primary may be another one now, and the client has not noticed. Asked at most twice a second.</summary>
    private void LookForPrimary()
    {
        var now = Environment.TickCount64;
        var last = Volatile.Read(ref _lookedForPrimary);
        if (now - last > 500 &&
            Interlocked.CompareExchange(ref _lookedForPrimary, now, last) == last)
        {
            _ = _multiplexer.ConfigureAsync();
        }
    }

    private void NoteSilence(Exception exception, RedisBreaker breaker, RedisKey? key)
    {
        if (RedisFaults.IsSilence(exception) && breaker.TryOpen())
        {
            _ = ProbeAsync(breaker, key, RedisFaults.Remedy(exception));
        }
    }

    /// <summary>Asks until the server answers; connections that have been silent for too long are given up for new ones.</summary>
    private async Task ProbeAsync(RedisBreaker breaker, RedisKey? key, string? remedy)
    {
        NodeMetrics.RedisSilences.Add(1);
        Log.Silent(_logger);
        if (remedy is not null)
        {
            Log.Refused(_logger, remedy);
        }

        var since = Environment.TickCount64;
        var (pause, rebuildAt) = (RebuildAfter, since + RebuildAfter.TotalMilliseconds);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // A replica's answer would say nothing: it takes no messages.
                await (key is { } known
                    ? _database.KeyExistsAsync(known, CommandFlags.DemandMaster)
                    : _database.PingAsync(CommandFlags.DemandMaster) as Task).WaitAsync(_deadline, _stop.Token);
                Log.Answering(_logger, Environment.TickCount64 - since);
                breaker.Close();
                Recovered?.Invoke();
                return;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                if (RedisFaults.Remedy(exception) is { } now && now != remedy)
                {
                    remedy = now;
                    Log.Refused(_logger, now);
                }

                LookForPrimary();
                if (Environment.TickCount64 >= rebuildAt)
                {
                    await RebuildAsync();
                    pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, RebuildAtLeastEvery.Ticks));
                    rebuildAt = Environment.TickCount64 + pause.TotalMilliseconds;
                }
            }

            await Task.Delay(ProbeInterval * (0.75 + (Random.Shared.NextDouble() / 2)));
        }
    }

    private async Task RebuildAsync()
    {
        if (Interlocked.Exchange(ref _isRebuilding, 1) != 0)
        {
            return; // for another server's silence
        }

        try
        {
            Log.Rebuilding(_logger);
            var old = _multiplexer;
            await ConnectAsync();
            _ = RetireAsync(old);
        }
        catch (Exception exception) when (RedisFaults.AsStoreException(exception) is not null)
        {
            // The probe goes on.
        }
        finally
        {
            Volatile.Write(ref _isRebuilding, 0);
        }
    }

    /// <summary>What is under way on it may still be answered: other servers of a cluster are well.</summary>
    private async Task RetireAsync(ConnectionMultiplexer old)
    {
        await Task.Delay(_deadline, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RedisClientVersion.CloseAsync(old);
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Warning, "Redis does not answer; calls are refused until it does.")]
        public static partial void Silent(ILogger logger);

        [LoggerMessage(1002, LogLevel.Information, "Redis answers again after {Milliseconds} ms.")]
        public static partial void Answering(ILogger logger, long milliseconds);

        [LoggerMessage(1003, LogLevel.Warning, "Redis has been silent for long; connecting anew.")]
        public static partial void Rebuilding(ILogger logger);

        [LoggerMessage(1004, LogLevel.Error, "Redis does not let this node in: {Remedy}.")]
        public static partial void Refused(ILogger logger, string remedy);
    }
}
