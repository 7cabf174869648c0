using Mailbox.TestKit;
using Testcontainers.Redis;

namespace Mailbox.IntegrationTests.Containers;

/// <summary>
/// Nodes on a Redis from a container, for whoever has Docker and no redis-server: built with -p:RedisFromContainer=true only.
/// MAILBOX_REDIS_IMAGE names another image.
/// </summary>
public sealed class RedisContainerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RedisContainer _redis = new RedisBuilder(
            Environment.GetEnvironmentVariable("MAILBOX_REDIS_IMAGE") ?? "redis:8")
        .WithCommand("redis-server", "--appendonly", "yes", "--protected-mode", "no")
        .Build();

    public async ValueTask InitializeAsync() => await _redis.StartAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task A_message_delivered_on_one_node_reaches_a_client_on_another()
    {
        await using var first = await MailboxNode.StartAsync(Options());
        await using var second = await MailboxNode.StartAsync(Options());
        await using var receiver = await Receivers.SseAsync(second.BaseAddress, "alice");
        await using var sender = Sender.Rest(first.BaseAddress);

        (await sender.SendAsync("alice", "hello"u8.ToArray())).Status.ShouldBe(201);

        (await receiver.NextMessageAsync(Patience)).Text.ShouldBe("hello");
    }

    [Fact]
    public async Task What_was_accepted_is_there_after_the_container_was_stopped_and_started()
    {
        await using (var node = await MailboxNode.StartAsync(Options()))
        {
            await using var sender = Sender.Rest(node.BaseAddress);
            (await sender.SendAsync("bob", "kept"u8.ToArray())).Status.ShouldBe(202);
        }

        await _redis.StopAsync();
        await _redis.StartAsync();

        await using var after = await MailboxNode.StartAsync(Options());
        await using var receiver = await Receivers.SseAsync(after.BaseAddress, "bob");
        await receiver.NextControlAsync("reset", Patience); // it may have lost the last second, and says so
        (await receiver.NextMessageAsync(Patience)).Text.ShouldBe("kept");
    }

    private MailboxNodeOptions Options() => new() { Redis = _redis.GetConnectionString() };
}
