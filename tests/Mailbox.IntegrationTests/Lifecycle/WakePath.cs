using System.Globalization;
using System.Text.RegularExpressions;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

public class WakePath
{
    [Fact]
    public async Task Streams_go_on_receiving_when_their_subscriptions_are_killed_again_and_again()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        for (var i = 0; i < 4; i++)
        {
            ((long)(await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub"))!).ShouldBeGreaterThan(0);
            await streams.AssertFlowAsync(node);
        }

        await streams.AssertFlowAsync(node);
    }

    [Fact]
    public async Task Streams_and_deliveries_go_on_when_the_connection_for_commands_is_killed()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);
        for (var i = 0; i < 3; i++)
        {
            await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            await Eventually.HoldsAsync(
                async () => (await node.DeliverAsync(Names.Fresh("killed"), "m")).Status == 202, Patience.Long, "deliveries work");
            await streams.AssertFlowAsync(node);
        }
    }

    [Fact]
    public async Task A_message_whose_wake_was_never_sent_arrives_with_the_sweep()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync(("Mailbox:Heartbeat", "00:00:01"), ("Mailbox:Sweep", "00:00:01"));
        var mailbox = Names.Fresh("sweep");
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(Contracts.ControlEvents.Open);

        await redis.ExecuteAsync("RPUSH", Keys.ListOf(mailbox), "no publish");

        (await receiver.MessageAsync()).Text.ShouldBe("no publish");
    }

    [Fact]
    public async Task Scripts_that_redis_forgot_are_sent_again()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync();
        await using var streams = await OneOfEach.OpenAsync(node);

        await redis.ExecuteAsync("SCRIPT", "FLUSH");

        await streams.AssertFlowAsync(node);
    }

    [Fact]
    public async Task A_redis_that_is_new_to_many_sessions_at_once_is_sent_each_script_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried);
        var names = Enumerable.Range(0, 300).Select(_ => Names.Fresh("wake")).ToList();
        var receivers = await Task.WhenAll(names.Select(name => node.OpenAsync(Way.Ndjson, name)));
        await Task.WhenAll(receivers.Select(receiver => receiver.NextIsAsync(ControlEvents.Open)));
        await using var cli = await RedisCli.ConnectAsync(redis.EndPoint);

        await cli.ExecuteManyAsync(
        [
            ["MULTI"],
            ["SCRIPT", "FLUSH"],
            ["CONFIG", "RESETSTAT"],
            .. names.Select(name => new object[] { "PUBLISH", Keys.WakeOf(name), "1" }),
            ["EXEC"],
        ]);

        await Eventually.HoldsAsync(async () => await CallsAsync("hmget") >= names.Count, Patience.Long, "each has taken");

        // One may slip in between another's turn and its sending, and then sends the text, too.
        (await CallsAsync("eval")).ShouldBeInRange(1, 20);
        await Task.WhenAll(receivers.Select(receiver => receiver.DisposeAsync().AsTask()));

        async Task<int> CallsAsync(string command) => int.Parse(
            "0" + Regex.Match((await cli.TextAsync("INFO", "commandstats"))!, $@"cmdstat_{command}:calls=(\d+)").Groups[1].Value,
            CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_connection_that_was_given_up_leaves_no_thread_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The threads of another process are told by /proc.");
        await using var redis = await RedisServer.StartAsync();
        await using var node = await MailboxNode.StartAsync(new MailboxNodeOptions { Redis = $"{redis.ConnectionString},name=mailbox" });
        var before = WritingThreadsOf(node);
        for (var i = 1; i <= 3; i++)
        {
            await redis.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            await Eventually.HoldsAsync(
                () => node.Output.Count(line => line.Contains("Wakes arrive again", StringComparison.Ordinal)) >= i,
                Patience.Long,
                "the node listens on another connection");
        }

        await Eventually.HoldsAsync(() => WritingThreadsOf(node) <= before, Patience.Long, "the threads of the others have ended");
    }

    /// <summary>The client names them after the connection; version 3 has none.</summary>
    private static int WritingThreadsOf(MailboxNode node) =>
        Directory.EnumerateDirectories($"/proc/{node.Pid}/task").Count(thread => NameOf(thread) == "mailbox:Write");

    private static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            return ""; // it has just ended
        }
    }
}
