using System.Collections.Concurrent;
using System.Text;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Wakes from Redis pub/sub. The client does not always notice that its subscriptions are dead (after a failover, version
/// 1.2.6 never does), so a canary goes the whole way every second: published by the connection for commands, heard by the
/// connection for wakes. When it does not come, that connection is built anew, every channel subscribed and confirmed
/// again, and every session takes again.
/// </summary>
internal sealed partial class RedisWakeSource : IWakeSource, IAsyncDisposable
{
    private static readonly TimeSpan CanaryInterval = TimeSpan.FromSeconds(1);
    private const int MissesBeforeRebuild = 2;
    private const int ChannelsAtOnce = 256;

    private readonly RedisConnection _commands;
    private readonly MailboxKeys _keys;
    private readonly WakeCanary _canary;
    private readonly TimeSpan _deadline;
    private readonly ILogger<RedisWakeSource> _logger;
    private readonly ConcurrentDictionary<string, WakeChannel> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unconfirmed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _rebuilding = new(1);
    private readonly CancellationTokenSource _stop = new();
    private WakeConnection? _connection;
    private Task? _watching;
    private long _failingSince;
    private int _isDisposed;
    private volatile bool _isBroken;

    public RedisWakeSource(
        RedisConnection commands, MailboxKeys keys, string node, TimeSpan deadline, ILogger<RedisWakeSource> logger)
    {
        _commands = commands;
        _keys = keys;
        _canary = new WakeCanary(commands, keys.CanaryOf(node), deadline);
        _deadline = deadline;
        _logger = logger;
    }

    /// <summary>The wake path was broken and is whole again: what was woken meanwhile was not heard.</summary>
    public event Action? Restored;

    /// <summary>Something was put into this group's outbox. Called on any thread, often; must not block or throw.</summary>
    public event Action<string>? GroupWoken;

    /// <summary>For how long commands have worked and wakes have not arrived; zero when they do.</summary>
    public TimeSpan FailingFor => Volatile.Read(ref _failingSince) is var since and not 0
        ? TimeSpan.FromMilliseconds(Environment.TickCount64 - since)
        : TimeSpan.Zero;

    public int ChannelCount => _channels.Count;

    /// <summary>Begins to listen. False while the wake path is not up: a node without it refuses every open.</summary>
    public async Task<bool> StartAsync()
    {
        await TryRebuildAsync();
        if (IsBroken)
        {
            return false;
        }

        _watching ??= WatchAsync();
        return true;
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(string mailbox, Action<Carried?> onWake, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var channel = _channels.GetOrAdd(mailbox, name => new WakeChannel(_keys.WakeOf(name)));
                try
                {
                    if (await channel.TryAddAsync(onWake, () => ConnectionFor(mailbox), _deadline, cancellation))
                    {
                        return new Subscription(this, mailbox, channel, onWake);
                    }
                }
                finally
                {
                    if (channel.IsUnconfirmed)
                    {
                        _unconfirmed[mailbox] = true;
                    }

                    if (channel.IsClosed)
                    {
                        _channels.TryRemove(KeyValuePair.Create(mailbox, channel));
                    }
                }
            }
        }
        catch (Exception exception) when (
            !cancellation.IsCancellationRequested && RedisFaults.AsStoreException(exception) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>May be called twice: the container knows this object by two types.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        if (_watching is not null)
        {
            await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _stop.Dispose();
        _rebuilding.Dispose();
    }

    private async Task WatchAsync()
    {
        var misses = 0;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(CanaryInterval * (0.75 + (Random.Shared.NextDouble() / 2)), _stop.Token);
            try
            {
                misses = await CheckAsync(misses);
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                // Whatever it was, a node that stops watching would go deaf without a word.
                Log.Unexpected(_logger, FailureText.Of(exception));
            }
        }
    }

    /// <summary>Sends one canary; returns how many have been missed in a row.</summary>
    private async Task<int> CheckAsync(int misses)
    {
        var isHeard = await _canary.SendAsync(() => !IsBroken, _stop.Token);
        if (isHeard is null)
        {
            // Redis takes no commands: that says nothing of wakes, nor for how long they have failed.
            Volatile.Write(ref _failingSince, 0);
            return misses;
        }

        if (isHeard.Value)
        {
            Volatile.Write(ref _failingSince, 0);
            await Task.WhenAll(_unconfirmed.Keys.Take(ChannelsAtOnce).Select(SettleAsync));
            return 0;
        }

        misses++;
        NodeMetrics.CanaryMisses.Add(1);
        Interlocked.CompareExchange(ref _failingSince, Environment.TickCount64, 0);
        if (misses >= MissesBeforeRebuild || IsBroken)
        {
            // The new connection has to prove itself with its first canary: until one is heard, the count stays.
            Log.Deaf(_logger, misses);
            await TryRebuildAsync();
        }

        return misses;
    }

    /// <summary>
    /// A subscription that was given up before it was confirmed came to be all the same, and version 3 of the client sends no
    /// unsubscription for one that it does not know to be: so it is made once more, confirmed, and then given up.
    /// </summary>
    private async Task SettleAsync(string mailbox)
    {
        _unconfirmed.TryRemove(mailbox, out _);
        try
        {
            await (await SubscribeAsync(mailbox, static _ => { }, _stop.Token)).DisposeAsync();
        }
        catch (StoreException)
        {
            // It is one of them again.
        }
    }

    private WakeConnection ConnectionFor(string mailbox) =>
        _connection is { } connection && !_commands.Primaries.BreakerOf(_keys.Of(mailbox)[0]).IsOpen
            ? connection
            : throw new StoreException(StoreFault.Unavailable, "Redis does not answer.");

    private bool IsBroken => _isBroken || _connection is null;

    private async Task TryRebuildAsync()
    {
        await _rebuilding.WaitAsync(_stop.Token);
        WakeConnection? unused = null; // the new one until it is in use, then the one before
        try
        {
            // Not the one that has just proved deaf: it may stand still, and take connections all the same.
            if (await _commands.Primaries.FindAnsweringAsync(_connection?.EndPoint, _stop.Token) is not { } primary)
            {
                return;
            }

            var built = unused = await WakeConnection.ConnectAsync(_commands.Configuration, primary);
            built.Failed += () => _isBroken = true;
            _isBroken = false;
            await built.SubscribeAsync(_canary.Channel, _ => _canary.Heard()).WaitAsync(_deadline, _stop.Token);
            await built.SubscribeAsync(_keys.GroupsWake, WakeGroup).WaitAsync(_deadline, _stop.Token);

            // What was not confirmed ends with the old connection.
            _unconfirmed.Clear();

            // New sessions subscribe on the new connection from here on; the ones that are open move to it.
            (unused, _connection) = (_connection, built);
            foreach (var some in _channels.Values.Chunk(ChannelsAtOnce))
            {
                await Task.WhenAll(some.Select(channel => channel.MoveToAsync(built, _deadline, _stop.Token)));
            }

            if (unused is not null)
            {
                NodeMetrics.WakeRebuilds.Add(1);
                Log.Restored(_logger, _channels.Count);
            }

            Restored?.Invoke();
        }
        catch (Exception exception) when (RedisFaults.AsStoreException(exception) is not null)
        {
            if (!_stop.IsCancellationRequested)
            {
                // The next canary misses, and this is tried again.
                _isBroken = true;
            }
        }
        finally
        {
            // Also when only some have moved: the others move from here with the next attempt.
            _rebuilding.Release();
            if (unused is not null)
            {
                await unused.DisposeAsync();
            }
        }
    }

    /// <summary>Anybody may send this; what is no group's name wakes nobody.</summary>
    private void WakeGroup(byte[]? content)
    {
        if (content is { Length: > 0 and <= MailboxName.MaxLength } && Encoding.Latin1.GetString(content) is var group && MailboxName.IsValid(group))
        {
            GroupWoken?.Invoke(group);
        }
    }

    private async ValueTask RemoveAsync(string mailbox, WakeChannel channel, Action<Carried?> onWake)
    {
        if (await channel.RemoveAsync(onWake))
        {
            _channels.TryRemove(KeyValuePair.Create(mailbox, channel));
        }
    }

    private sealed class Subscription(RedisWakeSource source, string mailbox, WakeChannel channel, Action<Carried?> onWake) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => source.RemoveAsync(mailbox, channel, onWake);
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Warning, "Wakes do not arrive ({Misses} canaries missed); connecting for them anew.")]
        public static partial void Deaf(ILogger logger, int misses);

        [LoggerMessage(1102, LogLevel.Information, "Wakes arrive again; {Channels} channels subscribed anew.")]
        public static partial void Restored(ILogger logger, int channels);

        [LoggerMessage(1103, LogLevel.Error, "Watching the wake path failed unexpectedly.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
