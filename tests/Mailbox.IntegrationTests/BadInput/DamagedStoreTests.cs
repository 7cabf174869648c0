using System.Diagnostics;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>
/// G11: a mailbox whose keys somebody has changed by hand. Every call says that the store is in conflict, at once, and
/// changes nothing; removing the mailbox is the remedy.
/// </summary>
[Collection(BadInputSite.Name)]
public sealed class DamagedStoreTests(BadInputSite site)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(8);

    /// <summary>Every call on a mailbox but its removal.</summary>
    private static readonly string[] Calls =
    [
        "deliver", "deliver with an idempotency key", "deliver with a topic", "deliver to many", "open SSE", "open NDJSON", "long-poll",
        "open WebSocket", "watch", "resume", "ack", "peek", "read", "take back", "create", "info", "close receiver", "function",
    ];

    /// <summary>The key, and a command that makes another type of it.</summary>
    private static readonly Dictionary<string, string[]> WrongTypes = new()
    {
        ["the hash is a string"] = ["hash", "SET", "x"],
        ["the hash is a list"] = ["hash", "RPUSH", "x"],
        ["the hash is a set"] = ["hash", "SADD", "x"],
        ["the list is a string"] = ["list", "SET", "x"],
        ["the list is a hash"] = ["list", "HSET", "x", "y"],
        ["the list is a stream"] = ["list", "XADD", "*", "x", "y"],
    };

    private static readonly Dictionary<string, string[]> Junk = new()
    {
        ["generation: text"] = ["generation", "junk"],
        ["generation: upper case"] = ["generation", "0123456789ABCDEF"],
        ["generation: too short"] = ["generation", "0123"],
        ["generation: line feed"] = ["generation", "0123456789abcde\n"],
        ["tombstones: text"] = ["tombstones", "abc"],
        ["generation: zeros"] = ["generation", "0000000000000000"],
        ["first: text"] = ["first", "abc"],
        ["first: empty"] = ["first", ""],
        ["first: negative"] = ["first", "-5"],
        ["first: zero"] = ["first", "0"],
        ["first: a fraction"] = ["first", "1.5"],
        ["first: infinity"] = ["first", "inf"],
        ["first: beyond every sequence"] = ["first", "999999999999999999999"],
        ["first: beyond last"] = ["first", "500"],
        ["last: text"] = ["last", "abc"],
        ["last: not a number"] = ["last", "nan"],
        ["sent: text"] = ["sent", "abc"],
        ["sent: beyond last"] = ["sent", "500"],
        ["flushed: text"] = ["flushed", "abc"],
        ["flushed: beyond last"] = ["flushed", "500"],
        ["bytes: text"] = ["bytes", "abc"],
        ["soonest: text"] = ["soonest", "abc"],
        ["deadline: text"] = ["deadline", "abc"],
        ["epoch: text"] = ["epoch", "abc"],
        ["epoch: negative"] = ["epoch", "-1"],
        ["lease: text"] = ["lease", "abc"],
        ["check: text"] = ["check", "junk"],
        ["lastCheck: text"] = ["lastCheck", "junk"],
        ["receiver: text"] = ["receiver", "junk"],
        ["owner: text"] = ["owner", "junk"],
        ["limits: text"] = ["limits", "junk"],
        ["limits: half an object"] = ["limits", "{\"maxMessages\":"],
        ["limits: a number"] = ["limits", "5"],
        ["limits: null"] = ["limits", "null"],
        ["limits: maxMessages text"] = ["limits", "{\"maxMessages\":\"abc\"}"],
        ["limits: maxMessages null"] = ["limits", "{\"maxMessages\":null}"],
        ["limits: maxMessages 0"] = ["limits", "{\"maxMessages\":0}"],
        ["limits: maxMessages negative"] = ["limits", "{\"maxMessages\":-5}"],
        ["limits: maxMessages beyond all"] = ["limits", "{\"maxMessages\":1e300}"],
        ["limits: maxBytes an object"] = ["limits", "{\"maxBytes\":{}}"],
        ["limits: timeToLive 0"] = ["limits", "{\"timeToLive\":0}"],
        ["limits: overflow junk"] = ["limits", "{\"overflow\":\"explode\"}"],
        ["limits: overflow a number"] = ["limits", "{\"overflow\":5}"],
        ["limits: 10,000 deep"] = ["limits", new string('[', 10_000) + new string(']', 10_000)],
    };

    public static TheoryData<string> WrongTypeNames => [.. WrongTypes.Keys];

    public static TheoryData<string> JunkNames => [.. Junk.Keys];

    [Theory]
    [MemberData(nameof(WrongTypeNames))]
    public async Task A_key_of_another_type_is_a_conflict_on_every_call(string name)
    {
        var mailbox = await site.PrimedAsync();
        var (key, command) = (WrongTypes[name][0] == "hash" ? BadInputSite.HashOf(mailbox) : BadInputSite.ListOf(mailbox), WrongTypes[name]);
        await site.Cli.ExecuteAsync("DEL", key);
        await site.Cli.ExecuteAsync([command[1], key, .. command[2..]]);
        await ConflictsOnEveryCallAsync(mailbox);
        await RemovingIsTheRemedyAsync(mailbox);
    }

    [Theory]
    [InlineData("SET", "x")]
    [InlineData("RPUSH", "x")]
    public async Task An_index_of_another_type_is_a_conflict_where_it_is_needed(string command, string value)
    {
        var mailbox = await site.PrimedAsync();
        await site.Cli.ExecuteAsync(command, BadInputSite.IndexOf(mailbox), value);
        foreach (var call in new[] { "deliver with an idempotency key", "deliver with a topic" })
        {
            await ConflictsAsync(mailbox, call);
        }

        await site.WorksAsync(mailbox, "before"); // what needs no index goes on
        await RemovingIsTheRemedyAsync(mailbox);
    }

    [Theory]
    [MemberData(nameof(JunkNames))]
    public async Task A_hash_with_junk_in_it_is_a_conflict_on_every_call(string name)
    {
        var mailbox = await site.PrimedAsync();
        var field = Junk[name];
        object[] damage = field.Length == 1
            ? ["HDEL", BadInputSite.HashOf(mailbox), field[0]]
            : ["HSET", BadInputSite.HashOf(mailbox), field[0], field[1]];
        await site.Cli.ExecuteAsync(damage);
        await ConflictsOnEveryCallAsync(mailbox);
        await RemovingIsTheRemedyAsync(mailbox);
    }

    [Theory]
    [InlineData("last", "7", "a last that is not there")]
    [InlineData("lastCheck", "0123456789abcdef", "another newest message")]
    public async Task A_hash_that_tells_of_another_list_gets_a_new_generation(string field, string value, string why)
    {
        var mailbox = await site.PrimedAsync();
        var generation = (await site.InfoAsync(mailbox)).Generation;
        await site.Cli.ExecuteAsync("HSET", BadInputSite.HashOf(mailbox), field, value);
        await site.WorksAsync(mailbox, "before");
        (await site.InfoAsync(mailbox)).Generation.ShouldNotBe(generation, why);
    }

    [Theory]
    [InlineData("deadline", "1")]
    [InlineData("deadline", null)]
    [InlineData("bytes", "-5000000")]
    [InlineData("tombstones", "-5")]
    public async Task A_hash_that_can_be_put_right_is(string field, string? value)
    {
        var mailbox = await site.PrimedAsync();
        object[] damage = value is null
            ? ["HDEL", BadInputSite.HashOf(mailbox), field]
            : ["HSET", BadInputSite.HashOf(mailbox), field, value];
        await site.Cli.ExecuteAsync(damage);
        await site.WorksAsync(mailbox, "before");
        var info = await site.InfoAsync(mailbox);
        info.Expires.ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        info.Bytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Junk_in_the_index_and_in_what_only_explains_a_gap_harms_nobody()
    {
        var mailbox = await site.PrimedAsync();
        await site.Cli.ExecuteAsync(
            "HSET", BadInputSite.IndexOf(mailbox), "mark", "junk", "topic:t", "junk", "topic:u", "0123456789abcdef 99999999999999999999",
            "key:k", "junk", "key:far", "99999999999999999999 0 zz 5 5 5", "junk", "junk", "key:", "");
        await site.Cli.ExecuteAsync(
            "HSET", BadInputSite.HashOf(mailbox), "dropped", "99999999", "windowed", "junk", "acked", "-5", "unknown", "field");
        await site.DeliverAsync(mailbox, "t", ("Topic", "t"));
        await site.DeliverAsync(mailbox, "u", ("Topic", "u"));
        await site.DeliverAsync(mailbox, "k", ("Idempotency-Key", "k"));
        await site.DeliverAsync(mailbox, "far", ("Idempotency-Key", "far"));
        await site.WorksAsync(mailbox, "before", "t", "u", "k", "far");
        (await site.InfoAsync(mailbox)).Sent.ShouldBe(6);
    }

    [Fact]
    public async Task An_idempotency_key_that_remembers_the_impossible_is_a_conflict()
    {
        var mailbox = await site.PrimedAsync();
        var digest = "11f6ad8ec52a2984abaafd7c3b516503785c2072"; // SHA-1 of "x"
        foreach (var value in new[]
        {
            $"9999999999999 {digest} 0123 5 5 5", $"9999999999999 {digest} 0123456789abcdef 5 99999999999999999999 5",
            $"9999999999999 {digest} 0123456789abcdef 99999999999999999999 5 5",
        })
        {
            await site.Cli.ExecuteAsync("HSET", BadInputSite.IndexOf(mailbox), "key:k", value);
            await site.RefusesAsync(
                409,
                ProblemTypes.StoreConflict,
                () => site.SendAsync("POST", MailboxRoutes.ForMessages(mailbox), "x", ("Idempotency-Key", "k")),
                mailbox);
        }

        await site.WorksAsync(mailbox, "before");
    }

    private async Task ConflictsOnEveryCallAsync(string mailbox)
    {
        foreach (var call in Calls)
        {
            await ConflictsAsync(mailbox, call);
        }
    }

    private async Task ConflictsAsync(string mailbox, string call)
    {
        var before = await site.SnapshotAsync(mailbox);
        var watch = Stopwatch.StartNew();
        if (call == "function")
        {
            var error = await Should.ThrowAsync<RedisErrorException>(() => site.Cli.ExecuteAsync(
                "FCALL", "mailbox_deliver", 3, BadInputSite.HashOf(mailbox), BadInputSite.ListOf(mailbox), BadInputSite.IndexOf(mailbox), "x"));
            error.Message.ShouldMatch("MAILBOX conflict|WRONGTYPE");
        }
        else if (call == "deliver to many")
        {
            var response = await CallAsync(mailbox, call);
            response.Status.ShouldBe(200, response.Text);
            response.Text.ShouldContain($"\"status\":409,\"queued\":false,\"connected\":false,\"type\":\"{ProblemTypes.StoreConflict}\"");
        }
        else
        {
            var response = await CallAsync(mailbox, call);
            response.Status.ShouldBe(409, $"{call}: {response.Text}");
            BadInputSite.TypeOf(response).ShouldBe(ProblemTypes.StoreConflict);
        }

        watch.Elapsed.ShouldBeLessThan(AtOnce, call);
        (await site.SnapshotAsync(mailbox)).ShouldBe(before, $"{call} changed something");
    }

    private Task<RawResponse> CallAsync(string mailbox, string call)
    {
        var (path, messages) = (MailboxRoutes.ForMailbox(mailbox), MailboxRoutes.ForMessages(mailbox));
        return call switch
        {
            "deliver" => site.SendAsync("POST", messages, "x"),
            "deliver with an idempotency key" => site.SendAsync("POST", messages, "x", ("Idempotency-Key", "k")),
            "deliver with a topic" => site.SendAsync("POST", messages, "x", ("Topic", "t")),
            "deliver to many" => site.SendAsync(
                "POST", MailboxRoutes.DeliverMany, $$"""{"to":["{{mailbox}}"],"data":"x"}""", ("Content-Type", "application/json")),
            "open SSE" => site.SendAsync("GET", path, "", ("Accept", "text/event-stream")),
            "open NDJSON" => site.SendAsync("GET", path, "", ("Accept", "application/x-ndjson")),
            "long-poll" => site.SendAsync("GET", path + "?wait=0", "", ("Accept", "application/json")),
            "open WebSocket" => site.SendAsync(
                "GET", path, "", ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")),
            "watch" => site.SendAsync("GET", path + "?mode=shared", "", ("Accept", "text/event-stream")),
            "resume" => site.SendAsync("GET", $"{path}?after={Cursors.Made}", "", ("Accept", "text/event-stream")),
            "ack" => site.SendAsync("POST", MailboxRoutes.ForAck(mailbox), $$"""{"cursor":"{{Cursors.Made}}"}"""),
            "peek" => site.SendAsync("GET", messages),
            "read" => site.SendAsync("GET", MailboxRoutes.ForMessage(mailbox, "0123456789abcdef-1")),
            "take back" => site.SendAsync("DELETE", MailboxRoutes.ForMessage(mailbox, "0123456789abcdef-1")),
            "create" => site.SendAsync("PUT", path, "{}"),
            "info" => site.SendAsync("GET", MailboxRoutes.ForInfo(mailbox)),
            "close receiver" => site.SendAsync("DELETE", MailboxRoutes.ForReceiver(mailbox)),
            _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
        };
    }

    private async Task RemovingIsTheRemedyAsync(string mailbox)
    {
        (await site.SendAsync("DELETE", MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);
        (await site.SnapshotAsync()).ShouldNotContain(mailbox);
        await site.WorksAsync(mailbox);
        (await site.Node.Http.GetStringAsync("/health/ready")).ShouldBe("""{"status":"ready"}""");
    }
}
