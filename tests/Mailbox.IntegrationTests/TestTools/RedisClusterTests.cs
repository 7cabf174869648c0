using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

public class RedisClusterTests
{
    [Fact]
    public async Task A_sender_finds_every_mailbox_and_follows_the_replica_that_stands_in()
    {
        await using var redis = await RedisCluster.StartAsync();
        await using var sender = Sender.BareRedis(redis);
        foreach (var i in Enumerable.Range(0, 10))
        {
            (await sender.SendAsync($"m{i}", "one")).IsAccepted.ShouldBeTrue();
        }

        var slot = await redis.SlotOfAsync(Keys.HashOf("m1"));
        var primary = await redis.PrimaryOfAsync(slot);
        await Eventually.HoldsAsync(
            async () => await primary.InfoAsync("replication", "slave0") is { } replica && replica.EndsWith("lag=0", StringComparison.Ordinal),
            Patience.Long,
            "the replica has it");
        await primary.KillAsync();
        var next = await redis.WaitForFailoverAsync(slot, primary);
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync("m1", "two")).IsAccepted, Patience.Long, "the sender finds the next primary");
        (await TextsAsync(next, "m1")).ShouldBe(["one", "two"]);

        await redis.RestartAsync(primary);
        (await primary.InfoAsync("replication", "role")).ShouldBe("slave");
        (await primary.KeysWithoutEndAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sender_follows_a_slot_that_moves_under_it()
    {
        await using var redis = await RedisCluster.StartAsync();
        await using var sender = Sender.BareRedis(redis);
        var slot = await redis.SlotOfAsync(Keys.HashOf("m"));
        var from = await redis.PrimaryOfAsync(slot);
        var to = (await redis.PrimariesAsync()).First(server => server != from);
        await sender.SendAsync("m", "1");

        var migration = await SlotMigration.BeginAsync(redis, slot, to);
        await sender.SendAsync("m", "2");
        (await TextsAsync(from, "m")).ShouldBe(["1", "2"]);
        (await migration.MoveAsync(keys: 10)).ShouldBe(1);
        await sender.SendAsync("m", "3"); // by ASK
        await migration.CompleteAsync();
        await sender.SendAsync("m", "4"); // by MOVED

        (await redis.PrimaryOfAsync(slot)).ShouldBe(to);
        (await TextsAsync(to, "m")).ShouldBe(["1", "2", "3", "4"]);
    }

    private static async Task<string?[]> TextsAsync(RedisServer server, string mailbox) =>
        [.. ((object?[])(await server.ExecuteAsync("LRANGE", Keys.ListOf(mailbox), 0, -1))!).Select(RedisCli.TextOf)];
}
