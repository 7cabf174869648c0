using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

public class RedisFailoverTests
{
    [Fact]
    public async Task A_sender_follows_the_primary_when_it_is_killed()
    {
        await using var redis = await RedisFailover.StartAsync();
        await using var sender = Sender.BareRedis(redis);
        var first = await redis.PrimaryAsync();
        (await sender.SendAsync("m", "one")).IsAccepted.ShouldBeTrue();
        foreach (var replica in await redis.ReplicasAsync())
        {
            await Eventually.HoldsAsync(async () => (await TextsAsync(replica)) is ["one"], Patience.Long, "the replica has it");
        }

        await first.KillAsync();
        var second = await redis.WaitForFailoverAsync(first);
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync("m", "two")).IsAccepted, Patience.Long, "the sender finds the next primary");
        (await TextsAsync(second)).ShouldBe(["one", "two"]);

        await redis.RestartAsReplicaAsync(first);
        (await TextsAsync(first)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task The_sentinels_move_the_primary_when_they_are_told()
    {
        await using var redis = await RedisFailover.StartAsync(replicas: 1);
        var replica = (await redis.ReplicasAsync()).Single();

        (await redis.ForceFailoverAsync()).ShouldBe(replica);

        await using var sender = Sender.BareRedis(redis);
        (await sender.SendAsync("m", "one")).IsAccepted.ShouldBeTrue();
        (await TextsAsync(replica)).ShouldBe(["one"]);
    }

    [Fact]
    public async Task A_replica_that_was_cut_off_is_promoted_without_what_the_primary_accepted_since()
    {
        await using var redis = await RedisFailover.StartAsync(replicas: 1);
        await using var sender = Sender.BareRedis(redis);
        var primary = await redis.PrimaryAsync();
        var replica = (await redis.ReplicasAsync()).Single();
        await sender.SendAsync("m", "kept");
        await Eventually.HoldsAsync(async () => (await TextsAsync(replica)) is ["kept"], Patience.Long, "the replica has it");

        await RedisFailover.CutOffAsync(replica);
        (await sender.SendAsync("m", "lost")).IsAccepted.ShouldBeTrue();
        (await TextsAsync(primary)).ShouldBe(["kept", "lost"]);
        await primary.KillAsync();

        (await redis.WaitForFailoverAsync(primary)).ShouldBe(replica);
        (await TextsAsync(replica)).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task A_server_that_was_cut_off_promoted_and_killed_follows_the_next_primary()
    {
        await using var redis = await RedisFailover.StartAsync(replicas: 1);
        var first = await redis.PrimaryAsync();
        var second = (await redis.ReplicasAsync()).Single();
        await RedisFailover.CutOffAsync(second);
        await first.KillAsync();
        (await redis.WaitForFailoverAsync(first)).ShouldBe(second);
        await RedisFailover.RejoinAsync(second);
        await redis.RestartAsReplicaAsync(first);
        await redis.WaitUntilWholeAsync();

        await second.KillAsync();
        (await redis.WaitForFailoverAsync(second)).ShouldBe(first);
        await using var sender = Sender.BareRedis(redis);
        (await sender.SendAsync("m", "one")).IsAccepted.ShouldBeTrue();
        await redis.RestartAsReplicaAsync(second);

        (await TextsAsync(second)).ShouldBe(["one"]);
    }

    private static async Task<string?[]> TextsAsync(RedisServer server) =>
        [.. ((object?[])(await server.ExecuteAsync("LRANGE", Keys.ListOf("m"), 0, -1))!).Select(RedisCli.TextOf)];
}
