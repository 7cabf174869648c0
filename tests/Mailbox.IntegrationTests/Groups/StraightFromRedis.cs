using System.Diagnostics;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Groups;

/// <summary>A delivery to a group by any client of Redis, as docs/redis-contract.md tells.</summary>
public class StraightFromRedis(Cluster cluster)
{
    [Fact]
    public async Task One_transaction_of_the_command_line_client_reaches_all_members()
    {
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("straight"));
        await cluster.A.JoinAllAsync(group, $"{prefix}.a", $"{prefix}.b");
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, $"{prefix}.a");
        await receiver.NextIsAsync(ControlEvents.Open);

        var script = $"""
            MULTI
            RPUSH {GroupCalls.OutboxOf(group)} "hello from redis"
            EXPIRE {GroupCalls.OutboxOf(group)} 86400 NX
            PUBLISH mailbox:groups:wake {group}
            EXEC
            """;
        var start = new ProcessStartInfo("redis-cli", ["-p", $"{cluster.Redis.Port}"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var client = Process.Start(start)!;
        await client.StandardInput.WriteAsync(script);
        client.StandardInput.Close();
        (await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldContain("QUEUED");

        var message = await receiver.MessageAsync();
        (message.Text, message.ContentType).ShouldBe(("hello from redis", null));
        await Eventually.HoldsAsync(
            async () => (await cluster.RedisAsync("LLEN", Keys.ListOf($"{prefix}.b"))) is 1L, Patience.Long, "the other member has it");
    }

    [Fact]
    public async Task A_wake_that_is_lost_costs_time_and_nothing_else()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Sweep", "00:00:00.5"));
        var (group, prefix) = (Names.Fresh("group"), Names.Fresh("lost"));
        await node.JoinAllAsync(group, $"{prefix}.a");

        await cluster.RedisAsync("RPUSH", GroupCalls.OutboxOf(group), "one", "two");

        await Eventually.HoldsAsync(
            async () => (await cluster.RedisAsync("LLEN", Keys.ListOf($"{prefix}.a"))) is 2L, Patience.Long, "both have come");
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, $"{prefix}.a");
        (await receiver.TextsAsync(2)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task What_is_no_message_holds_nothing_up()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("junk"));
        await cluster.A.JoinAllAsync(group, mailbox);
        string[] junk =
        [
            "\u0001", "\u0001{\"nonce\":\"0123456789abcdef\"", "\u0001{\"nonce\":\"0123456789abcdef\",\"time\":\"x\"}\nbody",
            "\u0001{\"nonce\":\"0123456789abcde0\",\"time\":1,\"type\":\"a b\"}\nbody", "\u0001{\"nonce\":\"0123456789abcde1\"}\nbody",
            "\u0001{\"nonce\":\"0123456789abcde2\",\"time\":1,\"ttl\":\"1\"}\n", new('x', 70_000),
        ];
        await cluster.RedisAsync(["RPUSH", GroupCalls.OutboxOf(group), .. junk]);

        var told = (await cluster.A.DeliverToGroupAsync(group, "good")).Group();

        (told.State, told.Waiting).ShouldBe(("done", 1));
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox);
        // What does not even begin as an envelope is a body like any other.
        (await receiver.TextsAsync(2)).ShouldBe(["\u0001", "good"]);
    }

    [Fact]
    public async Task Junk_for_a_wake_wakes_nobody_and_harms_nothing()
    {
        var (group, mailbox) = (Names.Fresh("group"), Names.Fresh("junk"));
        await cluster.A.JoinAllAsync(group, mailbox);
        foreach (var junk in new object[] { "", "{x}", ".", new string('a', 200), Encoding.Latin1.GetBytes("\u00ff\u0000") })
        {
            await cluster.RedisAsync("PUBLISH", "mailbox:groups:wake", junk);
        }

        (await cluster.A.DeliverToGroupAsync(group, "m")).Group().Waiting.ShouldBe(1);
    }
}
