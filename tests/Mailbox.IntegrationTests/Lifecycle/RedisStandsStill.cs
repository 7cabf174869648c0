using System.Diagnostics;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>Redis frozen: connections stay open and nothing answers, which no client library takes for a failure.</summary>
[Collection(Alone.Name)]
public class RedisStandsStill
{
    /// <summary>Beyond the first, the node connects to Redis anew.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public async Task Deliveries_are_refused_in_time_and_open_streams_go_on_by_themselves_afterwards(int seconds)
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        var unknown = Names.Fresh("unknown");

        await using var stalls = new Stalls();
        redis.Freeze();
        var frozen = Stopwatch.StartNew();
        var refused = await node.DeliverAsync(unknown, "once", ("Idempotency-Key", "k"));
        (frozen.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(2.5));
        AssertRefused(refused);

        var watch = Stopwatch.StartNew();
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.DeliverAsync(unknown, "m"))))
        {
            AssertRefused(answer);
        }

        (watch.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(1.5), "nothing waits for a Redis that is known to stand still");
        var ready = await node.GetAsync("/health/ready");
        ready.Status.ShouldBe(200);
        ready.Json.GetProperty("status").GetString().ShouldBe("degraded");
        (await node.GetAsync("/info")).Json.GetProperty("store").GetProperty("state").GetString().ShouldBe("away");
        foreach (var way in Ways.All)
        {
            await Refusals.AssertUnavailableAsync(node, way, "store-unavailable");
        }

        await Task.Delay(TimeSpan.FromSeconds(seconds));
        redis.Thaw();

        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(unknown, "once", ("Idempotency-Key", "k"))).Status is 201 or 202,
            Patience.Long,
            "deliveries work again");
        await streams.AssertFlowAsync(node);
        await using var receiver = await node.OpenAsync(Way.Ndjson, unknown);
        (await receiver.TextsAsync(1)).ShouldBe(["once"]);
        await receiver.SilenceAsync();
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString() == "ready",
            Patience.Long,
            "the node says that all is well");
    }

    private static void AssertRefused(Answer answer)
    {
        answer.Status.ShouldBe(503);
        answer.Problem.ShouldBe("store-unavailable");
        int.Parse(answer.Header("Retry-After")!, null).ShouldBeInRange(1, 60);
    }
}
