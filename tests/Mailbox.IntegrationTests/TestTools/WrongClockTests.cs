using System.Diagnostics;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.TestTools;

[Trait("Needs", "LinuxRoot")]
[Collection(Alone.Name)]
public class WrongClockTests
{
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task A_node_runs_with_its_wall_clock_an_hour_off_and_its_timers_right(int seconds)
    {
        var offset = TimeSpan.FromSeconds(seconds);
        await using var redis = await RedisServer.StartAsync();
        await using var node = await MailboxNode.StartAsync(
            redis,
            new MailboxNodeOptions
            {
                ClockOffset = offset,
                Settings = new Dictionary<string, string> { ["Mailbox:Heartbeat"] = "00:00:02", ["Mailbox:Sweep"] = "00:00:01" },
                StartDeadline = Patience.Start,
            });

        using var answer = await node.Http.GetAsync("/health/live");
        (answer.Headers.Date!.Value - DateTimeOffset.UtcNow).ShouldBe(offset, tolerance: TimeSpan.FromMinutes(1));

        var watch = Stopwatch.StartNew();
        await using var receiver = await Receivers.SseAsync(node.BaseAddress, "m");
        await Eventually.HoldsAsync(() => receiver.HeartbeatCount >= 2, Patience.Long, "the heartbeats come");
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        (await node.DeliverAsync("m", "one")).Status.ShouldBe(201);
        (await receiver.MessageAsync()).Text.ShouldBe("one");
    }
}
