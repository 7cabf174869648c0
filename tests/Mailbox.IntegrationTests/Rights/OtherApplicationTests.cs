using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>What other applications keep and say in the same Redis is none of ours, whatever it is called.</summary>
public sealed class OtherApplicationTests
{
    private static readonly object[][] Theirs =
    [
        ["SET", "other", "x"],
        ["SET", "mailbox", "x"],
        ["SET", "{0}", "x"],
        ["SET", "__Booksleeve_TieBreak", "x"],
        ["RPUSH", "other:{alice}:messages", "x"],
        ["RPUSH", "mailboxes:{alice}:messages", "x"],
        ["HSET", "{alice}", "epoch", "1"],
        ["HSET", "nodes", "x", "y"],
        ["SADD", "version", "x"],
        ["ZADD", "other:index", "1", "x"],
    ];

    [Fact]
    public async Task A_busy_run_leaves_their_keys_as_they_were_and_their_channels_silent()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cli = await redis.ConnectAsync();
        foreach (var command in Theirs)
        {
            await cli.ExecuteAsync(command);
        }

        var before = await DumpAsync(cli);
        await using var watcher = await redis.ConnectAsync();
        await watcher.ExecuteAsync("MONITOR");

        await using (var node = await redis.StartNodeAsync(Cluster.Unhurried))
        {
            await BusyAsync(node, redis);
            node.Terminate();
            await node.WaitForExitAsync(Patience.Start);
        }

        await cli.ExecuteAsync("ECHO", "the end");
        (await DumpAsync(cli)).ShouldBe(before);
        foreach (var line in await ToTheEndAsync(watcher))
        {
            ShouldBeOurs(line);
        }
    }

    private static async Task BusyAsync(MailboxNode node, RedisServer redis)
    {
        foreach (var way in Ways.All)
        {
            var mailbox = Names.Fresh("busy");
            await using var receiver = await node.OpenAsync(way, mailbox, new ReceiverOptions { Ack = "client" });
            foreach (var door in Sender.Doors)
            {
                await using var sender = Sender.Create(door, node.BaseAddress, redis);
                await sender.SendAsync(mailbox, door.ToString());
                var message = await receiver.MessageAsync();
                await receiver.AckAsync(message.Cursor!);
            }

            await node.GetAsync(MailboxRoutes.Mailboxes);
            await node.GetAsync(MailboxRoutes.Nodes);
            await node.DeleteAsync(MailboxRoutes.ForReceiver(mailbox));
            await node.DeleteAsync(MailboxRoutes.ForMailbox(mailbox));
        }
    }

    /// <summary>Every key without our prefix, with what it holds and until when.</summary>
    private static async Task<string[]> DumpAsync(RedisCli cli)
    {
        var all = new List<string>();
        foreach (var key in ((object?[])(await cli.ExecuteAsync("KEYS", "*"))!).Select(key => RedisCli.TextOf(key)!))
        {
            if (!key.StartsWith("mailbox:", StringComparison.Ordinal))
            {
                all.Add($"{key} {Convert.ToHexString((byte[])(await cli.ExecuteAsync("DUMP", key))!)} {await cli.ExecuteAsync("PTTL", key)}");
            }
        }

        return [.. all.Order(StringComparer.Ordinal)];
    }

    private static async Task<List<string>> ToTheEndAsync(RedisCli watcher)
    {
        var lines = new List<string>();
        while (lines.LastOrDefault()?.Contains("\"the end\"", StringComparison.Ordinal) != true)
        {
            lines.Add(RedisCli.TextOf(await watcher.ReadAsync(Patience.Long))!);
        }

        return lines[..^1];
    }

    /// <summary>A line of MONITOR: <c>time [db client] "COMMAND" "argument" …</c>; the first argument that can be a key or a channel is ours.</summary>
    private static void ShouldBeOurs(string line)
    {
        var words = line[(line.IndexOf("] ", StringComparison.Ordinal) + 2)..].Split("\" \"");
        words[0] = words[0].TrimStart('"');
        words[^1] = words[^1].TrimEnd('"');
        var keys = words[0].ToUpperInvariant() switch
        {
            // Of the connection and the server, without keys; MONITOR's own tail names what the test itself asks for.
            "AUTH" or "CLIENT" or "CLUSTER" or "CONFIG" or "ECHO" or "FUNCTION" or "HELLO" or "INFO" or "KEYS" or "MULTI" or "EXEC" or
                "PING" or "QUIT" or "SELECT" or "TIME" or "UNSUBSCRIBE" or "DUMP" or "PTTL" => [],
            "SCAN" => [words[3]],
            "EVAL" or "EVALSHA" or "FCALL" => words.Skip(3).Take(int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture)),
            "DEL" => words.Skip(1),
            _ => words.Skip(1).Take(1),
        };
        keys.ShouldAllBe(key => key.StartsWith("mailbox:", StringComparison.Ordinal), line[..Math.Min(line.Length, 300)]);
    }
}
