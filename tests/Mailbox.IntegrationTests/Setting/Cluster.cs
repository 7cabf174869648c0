using Mailbox.TestKit;

[assembly: AssemblyFixture(typeof(Mailbox.IntegrationTests.Cluster))]

namespace Mailbox.IntegrationTests;

/// <summary>
/// One Redis and two nodes on it, shared by all tests that end neither: a fresh mailbox name for each test instead of a
/// flush, and delivery on one node, receiving on the other.
/// </summary>
public sealed class Cluster : IAsyncLifetime
{
    /// <summary>For tests that are not about a Redis that stands still: a machine that does so for a moment is none of theirs.</summary>
    public static readonly (string Name, string Value) Unhurried = ("Mailbox:Redis:Deadline", "00:00:10");

    private RedisCli _cli = null!;

    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode A { get; private set; } = null!;

    public MailboxNode B { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync(("appendonly", "yes"), ("auto-aof-rewrite-percentage", "0"));
        var nodes = await Task.WhenAll(StartNodeAsync(), StartNodeAsync());
        (A, B) = (nodes[0], nodes[1]);
        _cli = await Redis.ConnectAsync();
    }

    /// <summary>One more node on the same Redis, for a test that ends it or wants other settings.</summary>
    public Task<MailboxNode> StartNodeAsync(params (string Name, string Value)[] settings) => Redis.StartNodeAsync([Unhurried, .. settings]);

    /// <summary>A sender of this test's own that delivers on node A, or past the nodes.</summary>
    public Sender SenderOf(TransportDoor door) => Sender.Create(door, A.BaseAddress, Redis);

    public Task<object?> RedisAsync(params object[] command) => _cli.ExecuteAsync(command);

    /// <summary>Until some node listens for wakes of this mailbox: its stream is open, or its poll is about to be.</summary>
    public Task WaitForListenerAsync(string mailbox) => Eventually.HoldsAsync(
        async () => await RedisAsync("PUBSUB", "NUMSUB", Keys.WakeOf(mailbox)) is object?[] and [_, > 0L],
        Patience.Long,
        "a node listens");

    /// <summary>
    /// Until the mailbox was opened this often, polls included. A poll listens a moment before it has opened, and the poll
    /// before it may still listen a moment after its answer: which of two came first, only the count tells.
    /// </summary>
    public Task WaitForOpensAsync(string mailbox, int count) => Eventually.HoldsAsync(
        async () => RedisCli.TextOf(await RedisAsync("HGET", Keys.HashOf(mailbox), "epoch")) is { Length: > 0 } epoch &&
            long.Parse(epoch, System.Globalization.CultureInfo.InvariantCulture) >= count,
        Patience.Long,
        $"the mailbox was opened {count} times");

    public async ValueTask DisposeAsync()
    {
        if (_cli is not null)
        {
            await _cli.DisposeAsync();
        }

        await Task.WhenAll(DisposeAsync(A), DisposeAsync(B));
        await DisposeAsync(Redis);

        static Task DisposeAsync(IAsyncDisposable? disposable) => disposable?.DisposeAsync().AsTask() ?? Task.CompletedTask;
    }
}
