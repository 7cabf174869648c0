using System.Globalization;
using System.Text;
using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary><c>FCALL mailbox_deliver</c>: the same delivery as by REST, for any language.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class FunctionTests(RedisFixture fixture)
{
    [Fact]
    public async Task All_options_come_back_by_take()
    {
        var mailbox = fixture.Mailbox();

        var reply = await mailbox.FunctionAsync(
            "body", "type", "news.item", "contentType", "text/plain; q=\"x\\y\"", "ttl", "60", "topic", "t", "idempotencyKey", "k");

        reply[0].ShouldBe("stored");
        reply[3].ShouldBe("0");
        reply[5].ShouldBe("60");
        var message = (await (await mailbox.OpenAsync()).TakeAsync()).Entries.ShouldHaveSingleItem().Message!;
        message.Id.ShouldBe(TestMailbox.IdOf(reply));
        message.Type.ShouldBe("news.item");
        message.ContentType.ShouldBe("text/plain; q=\"x\\y\"");
        message.Expires!.Value.ToUnixTimeMilliseconds().ShouldBe(long.Parse(reply[4], CultureInfo.InvariantCulture));
        TestReceiver.BodyOf(message).ShouldBe("body");
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task It_stores_what_the_server_stores()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.DeliverAsync("body", type: "x", contentType: "text/plain", topic: "t", ttl: 60);
        await mailbox.FunctionAsync("body", "type", "x", "contentType", "text/plain", "topic", "u", "ttl", "60");

        var entries = (await mailbox.EntriesAsync()).Select(Shape).ToArray();

        entries[1].ShouldBe(entries[0].Replace("\"t\"", "\"u\"", StringComparison.Ordinal));

        // What differs between any two: the nonce and the times.
        static string Shape(byte[] entry) => System.Text.RegularExpressions.Regex.Replace(
            Encoding.UTF8.GetString(entry), "\"[0-9a-f]{16}\"|[0-9]{13}", "?");
    }

    public static TheoryData<string, string, string[]> Refusals { get; } = new()
    {
        { "type", "x", ["type", "open"] },
        { "type", "x", ["type", "error"] },
        { "type", "x", ["type", "message"] },
        { "type", "x", ["type", "mailbox.gap"] },
        { "type", "x", ["type", ""] },
        { "type", "x", ["type", "a b"] },
        { "type", "x", ["type", "a\"b"] },
        { "type", "x", ["type", new string('a', 129)] },
        { "contentType", "x", ["contentType", ""] },
        { "contentType", "x", ["contentType", "text/plain\nx"] },
        { "contentType", "x", ["contentType", "é"] },
        { "contentType", "x", ["contentType", new string('a', 257)] },
        { "ttl", "x", ["ttl", "-1"] },
        { "ttl", "x", ["ttl", "1.5"] },
        { "ttl", "x", ["ttl", "0x10"] },
        { "ttl", "x", ["ttl", ""] },
        { "ttl", "x", ["ttl", "12345678901"] },
        { "topic", "x", ["topic", ""] },
        { "topic", "x", ["topic", "a.b"] },
        { "topic", "x", ["topic", new string('a', 33)] },
        { "idempotencyKey", "x", ["idempotencyKey", ""] },
        { "idempotencyKey", "x", ["idempotencyKey", "a b"] },
        { "idempotencyKey", "x", ["idempotencyKey", new string('a', 129)] },
        { "option", "x", ["nonce", "0123456789abcdef"] },
        { "option", "x", ["digest", "00"] },
        { "option", "x", ["Type", "x"] },
        { "arguments", "x", ["type"] },
        { "body", new string('x', 65_537), [] },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public async Task A_refused_argument_stores_nothing(string refused, string body, string[] options)
    {
        var mailbox = fixture.Mailbox();

        var error = await Should.ThrowAsync<RedisErrorException>(() => mailbox.FunctionAsync(body, options));

        error.Message.ShouldBe($"MAILBOX invalid {refused}");
        (await mailbox.ExistsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task The_longest_allowed_values_are_stored()
    {
        var mailbox = fixture.Mailbox();

        var reply = await mailbox.FunctionAsync(
            new string('x', 65_536), "type", new string('t', 128), "contentType", new string('c', 256), "ttl", "9999999999",
            "topic", new string('o', 32), "idempotencyKey", new string('k', 128));

        reply[0].ShouldBe("stored");
        reply[5].ShouldBe("86400"); // lowered to what the mailbox may live
        (await mailbox.PeekEntriesAsync()).Entries.ShouldHaveSingleItem().Kind.ShouldBe(EntryKind.Message);
    }

    [Fact]
    public async Task Keys_that_are_not_one_mailbox_s_are_refused()
    {
        var mailbox = fixture.Mailbox();
        var (hash, list, index) = (mailbox.Hash, mailbox.List, mailbox.Index);
        (string Refused, object[] Call)[] calls =
        [
            ("keys", [3, hash, list, list]),
            ("keys", [3, hash, index, list]),
            ("keys", [2, hash, list]),
            ("keys", [4, hash, list, index, hash + ":more"]),
            ("name", [3, list, list, index]),
            ("name", [3, "mailbox:{}", "mailbox:{}:messages", "mailbox:{}:index"]),
            ("name", [3, "mailbox:{.a}", "mailbox:{.a}:messages", "mailbox:{.a}:index"]),
            ("name", [3, "mailbox:{a/b}", "mailbox:{a/b}:messages", "mailbox:{a/b}:index"]),
            ("name", [0]),
        ];
        foreach (var (refused, call) in calls)
        {
            var error = await Should.ThrowAsync<RedisErrorException>(
                () => mailbox.Cli.ExecuteAsync(["FCALL", "mailbox_deliver", .. call, "body"]));
            error.Message.ShouldBe($"MAILBOX invalid {refused}");
        }

        var longest = new string('n', 128);
        await Should.ThrowAsync<RedisErrorException>(
            () => new TestMailbox(mailbox.Store, mailbox.Cli, longest + "n").FunctionAsync("x"));
        (await mailbox.ExistsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_body_it_is_refused()
    {
        var mailbox = fixture.Mailbox();
        var error = await Should.ThrowAsync<RedisErrorException>(
            () => mailbox.Cli.ExecuteAsync("FCALL", "mailbox_deliver", 3, mailbox.Hash, mailbox.List, mailbox.Index));
        error.Message.ShouldBe("MAILBOX invalid arguments");
    }

    [Theory]
    [InlineData(6)]
    [InlineData(4_500)] // more than Lua's stack holds
    public async Task More_options_than_there_are_is_an_error(int options)
    {
        var mailbox = fixture.Mailbox();
        object[] more = [.. Enumerable.Repeat<object[]>(["type", "a"], options).SelectMany(pair => pair)];
        var error = await Should.ThrowAsync<RedisErrorException>(
            () => mailbox.Cli.ExecuteAsync(["FCALL", "mailbox_deliver", 3, mailbox.Hash, mailbox.List, mailbox.Index, "x", .. more]));
        error.Message.ShouldBe("MAILBOX invalid arguments");
        (await mailbox.LengthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Idempotency_holds_across_REST_and_function_in_both_directions()
    {
        var mailbox = fixture.Mailbox();
        var byRest = await mailbox.DeliverAsync("a", key: "k1");
        var byFunction = await mailbox.FunctionAsync("b", "idempotencyKey", "k2");

        var again = await mailbox.FunctionAsync("a", "idempotencyKey", "k1");
        again[0].ShouldBe("replayed");
        TestMailbox.IdOf(again).ShouldBe(byRest.Id);
        (await mailbox.DeliverAsync("b", key: "k2")).ShouldSatisfyAllConditions(
            delivered => delivered.Outcome.ShouldBe(DeliveryOutcome.Replayed),
            delivered => delivered.Id.ShouldBe(TestMailbox.IdOf(byFunction)));
        (await mailbox.FunctionAsync("other", "idempotencyKey", "k1"))[0].ShouldBe("conflict");
        (await mailbox.LengthAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Topic_replaces_across_REST_and_function()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a", topic: "t");
        await mailbox.FunctionAsync("b", "topic", "t");
        (await mailbox.PeekAsync()).ShouldBe(["b"]);
        await mailbox.StoreAsync("c", topic: "t");
        (await mailbox.PeekAsync()).ShouldBe(["c"]);
    }

    [Fact]
    public async Task Ttl_0_is_stored_only_when_a_receiver_is_present()
    {
        var mailbox = fixture.Mailbox();
        (await mailbox.FunctionAsync("a", "ttl", "0"))[0].ShouldBe("absent");
        (await mailbox.ExistsAsync()).ShouldBeFalse();

        var receiver = await mailbox.OpenAsync();
        (await mailbox.FunctionAsync("b", "ttl", "0")).ShouldSatisfyAllConditions(
            reply => reply[0].ShouldBe("stored"),
            reply => reply[3].ShouldBe("1"));
        (await receiver.BodiesAsync()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_the_function_too()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 1);
        await mailbox.FunctionAsync("a");
        (await mailbox.FunctionAsync("b", "idempotencyKey", "k"))[0].ShouldBe("full");
        (await mailbox.PeekAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Mailboxes_that_it_makes_in_the_same_moment_have_generations_of_their_own()
    {
        var mailboxes = Enumerable.Range(0, 50).Select(_ => fixture.Mailbox()).ToArray();
        var calls = mailboxes.Select(mailbox => new object[]
        {
            "FCALL", "mailbox_deliver", 3, mailbox.Hash, mailbox.List, mailbox.Index, "same",
        }).ToArray();

        var replies = await fixture.Cli.ExecuteManyAsync(calls);
        await fixture.Cli.ExecuteManyAsync(calls);

        replies.Select(reply => RedisCli.TextOf(((object?[])reply!)[1])).Distinct().Count().ShouldBe(50);
        var nonces = new HashSet<Identifier>();
        foreach (var mailbox in mailboxes)
        {
            foreach (var entry in (await mailbox.PeekEntriesAsync()).Entries)
            {
                nonces.Add(entry.Position.Check).ShouldBeTrue();
            }
        }

        nonces.Count.ShouldBe(100);
    }
}
