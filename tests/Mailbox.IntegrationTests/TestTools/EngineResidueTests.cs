using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

public class EngineResidueTests
{
    [Fact]
    public async Task Keys_without_an_end_and_subscriptions_are_found()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cli = await redis.ConnectAsync();
        await cli.ExecuteManyAsync([.. Enumerable.Range(0, 3000).Select(i => new object[] { "SET", $"ends-{i}", 1, "EX", 100 })]);
        await cli.ExecuteAsync("SET", "stays", 1);
        await cli.ExecuteAsync("SUBSCRIBE", "orphan");

        (await redis.KeysWithoutEndAsync()).ShouldBe(["stays"]);
        (await redis.ChannelsAsync()).ShouldBe(["orphan"]);
        redis.ResidentBytes.ShouldBeInRange(1_000_000, 1_000_000_000);
    }
}
