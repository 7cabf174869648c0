using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>Where a node has registered the function, it outlasts the node, a restart and a failover.</summary>
public sealed class FunctionLasts
{
    [Fact]
    public async Task A_restart_of_a_redis_that_saves_keeps_it_with_no_node_there()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await RegisterAsync(redis);

        await redis.RestartAsync();

        await ShouldDeliverAsync(redis);
    }

    [Fact]
    public async Task A_failover_keeps_it_with_no_node_there()
    {
        await using var redis = await RedisFailover.StartAsync(replicas: 1);
        await RegisterAsync(redis);

        await redis.ForceFailoverAsync();

        await ShouldDeliverAsync(redis);
    }

    [Fact]
    public async Task Of_two_nodes_the_one_that_started_last_gives_the_limits_and_the_other_leaves_it_so()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await redis.StartNodeAsync(("Mailbox:MaxMessageBytes", "100"));
        await using var second = await redis.StartNodeAsync(("Mailbox:MaxMessageBytes", "200"));
        await using var sender = Sender.Function(redis);
        await Task.Delay(Beats);

        (await sender.SendAsync("m", new byte[200])).IsAccepted.ShouldBeTrue();
        (await sender.SendAsync("m", new byte[201])).Status.ShouldBe(400);
    }

    /// <summary>Longer than the time after which a node looks whether the function is there.</summary>
    private static TimeSpan Beats => TimeSpan.FromSeconds(7);

    private static async Task RegisterAsync(IRedis redis)
    {
        await using var node = await redis.StartNodeAsync();
        node.Terminate();
        await node.WaitForExitAsync(Patience.Start);
    }

    private static async Task ShouldDeliverAsync(IRedis redis)
    {
        await using var sender = Sender.Function(redis);
        (await sender.SendAsync("m", "hello")).IsAccepted.ShouldBeTrue();
    }
}
