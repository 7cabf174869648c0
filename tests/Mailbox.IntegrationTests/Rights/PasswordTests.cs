using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>A Redis with a password: with the right one all is well, and without it the node says what is wrong, not what it was.</summary>
public sealed class PasswordTests
{
    private const string Right = "the-right-password-8d1f";
    private const string Wrong = "the-wrong-password-5a7c";
    private const string Refused = "Redis does not let this node in: the password, or the user, in Mailbox:Redis:ConnectionString is missing or wrong.";

    [Theory]
    [InlineData(",password=" + Wrong)]
    [InlineData("")]
    public async Task Without_the_right_one_the_node_stays_up_unready_and_its_log_says_why(string password)
    {
        await using var redis = await RedisServer.StartAsync(("requirepass", Right));
        await using var node = await MailboxNode.StartAsync(
            new MailboxNodeOptions { Redis = $"{redis.EndPoint}{password}", WaitsUntilReady = false });

        await node.SaysAsync(Refused);
        await node.WaitUntilLiveAsync();

        var health = await node.GetAsync("/health/ready");
        (health.Status, health.Text).ShouldBe((503, """{"status":"starting"}"""));
        (await node.GetAsync("/health/live")).Status.ShouldBe(200);
        (await node.DeliverAsync(Names.Fresh("locked"), "m")).Status.ShouldBe(503);
        node.Output.ShouldAllBe(line => !line.Contains(Right) && !line.Contains(Wrong));

        // Mended in Redis, it goes on by itself.
        await redis.ExecuteAsync("CONFIG", "SET", "requirepass", password.Length > 0 ? Wrong : "");
        await node.WaitUntilReadyAsync(Patience.Start);
    }

    [Fact]
    public async Task One_that_is_changed_under_a_node_makes_it_degraded_until_it_is_changed_back()
    {
        await using var redis = await RedisServer.StartAsync(("requirepass", Right));
        await using var node = await redis.StartNodeAsync();
        (await node.DeliverAsync(Names.Fresh("locked"), "m")).Status.ShouldBe(202);
        await using var admin = await redis.ConnectAsync();

        await admin.ExecuteAsync("CONFIG", "SET", "requirepass", Wrong);
        await admin.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await node.SaysAsync(Refused);
        await HealthIsAsync(node, "degraded");

        await admin.ExecuteAsync("CONFIG", "SET", "requirepass", Right);
        await HealthIsAsync(node, "ready");
        (await node.DeliverAsync(Names.Fresh("locked"), "m")).Status.ShouldBe(202);
        node.Output.ShouldAllBe(line => !line.Contains(Right) && !line.Contains(Wrong));
    }

    private static Task HealthIsAsync(MailboxNode node, string state) => Eventually.HoldsAsync(
        async () => (await node.GetAsync("/health/ready")) is { Status: 200 } answer && answer.Text.Contains($"\"{state}\"", StringComparison.Ordinal),
        Patience.Start,
        $"the node is {state}");
}
