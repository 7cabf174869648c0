using System.Collections.Concurrent;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailboxServer.Tests.Store;

/// <summary>What the wake path holds of Redis, and gives back.</summary>
public sealed class WakeSourceTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly MailboxKeys _keys = new(new Mailbox.RedisOptions().KeyPrefix);
    private readonly CountingLogger _log = new();
    private RedisServer _redis = null!;
    private RedisConnection _connection = null!;
    private RedisWakeSource _wakes = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _connection = new RedisConnection(_redis.ConnectionString, TimeSpan.FromSeconds(30), NullLogger<RedisConnection>.Instance);
        await _connection.ConnectAsync();
        _wakes = new RedisWakeSource(_connection, _keys, "node", TimeSpan.FromSeconds(2), _log);

        // A machine that is busy elsewhere may need longer for it than the deadline of a call.
        await Eventually.HoldsAsync(_wakes.StartAsync, Patience, "the wake path works");
    }

    public async ValueTask DisposeAsync()
    {
        await _wakes.DisposeAsync();
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task SubscribeAsync_ClientAlreadyGone_LeavesNoChannel()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await _wakes.SubscribeAsync("alice", _ => { }, gone.Token));
        _wakes.ChannelCount.ShouldBe(0);

        await using (await _wakes.SubscribeAsync("alice", _ => { }, CancellationToken.None))
        {
            _wakes.ChannelCount.ShouldBe(1);
        }

        _wakes.ChannelCount.ShouldBe(0);
    }

    /// <summary>Redis stands still, and does what it was asked for when nobody waits for it any more.</summary>
    [Fact]
    public async Task SubscribeAsync_NotConfirmedInTime_LeavesNoSubscription()
    {
        var before = await SubscriptionsMadeAsync();
        _redis.Freeze();
        await Should.ThrowAsync<StoreException>(async () => await _wakes.SubscribeAsync("alice", _ => { }, CancellationToken.None));
        _redis.Thaw();

        await Eventually.HoldsAsync(async () => await SubscriptionsMadeAsync() != before, Patience, "it came to be");
        await Eventually.HoldsAsync(
            async () => await _redis.ExecuteAsync("PUBSUB", "CHANNELS", "*alice*") is object?[] { Length: 0 }, Patience, "it is gone");
    }

    /// <summary>The canary is heard and one mailbox's channel may not be subscribed: attempt after attempt moves only half.</summary>
    [Fact]
    public async Task A_connection_that_was_replaced_only_half_is_given_up_all_the_same()
    {
        var restored = 0;
        _wakes.Restored += () => Interlocked.Increment(ref restored);
        await using var subscription = await _wakes.SubscribeAsync("alice", _ => { }, CancellationToken.None);
        await _redis.ExecuteAsync("ACL", "SETUSER", "default", "resetchannels", "&mailbox:node:*");
        await Eventually.HoldsAsync(() => _log.Count(1101) >= 5, Patience, "it has been tried several times");
        restored.ShouldBe(0);

        await _redis.ExecuteAsync("ACL", "SETUSER", "default", "allchannels");
        await Eventually.HoldsAsync(() => restored > 0, Patience, "wakes arrive again");
        await Eventually.HoldsAsync(async () => await ListenersAsync() == 1, Patience, "one connection listens");
    }

    private async Task<string> SubscriptionsMadeAsync()
    {
        await using var cli = await _redis.ConnectAsync();
        var statistics = (await cli.TextAsync("INFO", "commandstats"))!;
        return statistics.Split('\n').FirstOrDefault(line => line.StartsWith("cmdstat_subscribe:", StringComparison.Ordinal))?.Split(',')[0] ?? "";
    }

    private async Task<int> ListenersAsync()
    {
        await using var cli = await _redis.ConnectAsync();
        return (await cli.TextAsync("CLIENT", "LIST", "TYPE", "pubsub"))!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    private sealed class CountingLogger : ILogger<RedisWakeSource>
    {
        private readonly ConcurrentQueue<int> _ids = new();

        public int Count(int id) => _ids.Count(one => one == id);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _ids.Enqueue(eventId.Id);
    }
}
