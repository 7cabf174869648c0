using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: entries that somebody pushed by hand and that are no messages. Each is announced at its place and blocks nobody.</summary>
[Collection(BadInputSite.Name)]
public sealed class PoisonTests(BadInputSite site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<string, byte[]> Poison = new()
    {
        ["0x01 alone"] = [1],
        ["0x01 and a line feed"] = [1, 10],
        ["a header without its line feed"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\"}"),
        ["a header that is no JSON"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",junk}\nbody"),
        ["a header that is no object"] = Bytes("\u0001[1,2]\nbody"),
        ["a header and a second one"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\"}{}\nbody"),
        ["a header cut off by a line feed"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\n\"time\":1}\nbody"),
        ["a header 1,000 deep"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"x\":" + new string('[', 1_000) + new string(']', 1_000) + "}\nbody"),
        ["a header that is not UTF-8"] = [.. Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"contentType\":\""), 0xFF, 0xFE, .. Bytes("\"}\nbody")],
        ["no nonce"] = Bytes("\u0001{\"time\":1}\nbody"),
        ["the nonce not first"] = Bytes("\u0001{\"time\":1,\"nonce\":\"0123456789abcdef\"}\nbody"),
        ["a short nonce"] = Bytes("\u0001{\"nonce\":\"0123\"}\nbody"),
        ["a long nonce"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef0\"}\nbody"),
        ["an upper-case nonce"] = Bytes("\u0001{\"nonce\":\"0123456789ABCDEF\"}\nbody"),
        ["a nonce of zeros"] = Bytes("\u0001{\"nonce\":\"0000000000000000\"}\nbody"),
        ["a nonce that is no hex"] = Bytes("\u0001{\"nonce\":\"0123456789abcdeg\"}\nbody"),
        ["a type with a line feed"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":\"a\nevent: evil\"}\nbody"),
        ["a type with an escaped line feed"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":\"a\\nevent: evil\"}\nbody"),
        ["a reserved type"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":\"mailbox.open\"}\nbody"),
        ["a type that is a number"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":5}\nbody"),
        ["a type that is null"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":null}\nbody"),
        ["a type that is half a surrogate pair"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"type\":\"\\ud800\"}\nbody"),
        ["a content type with CR LF"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"contentType\":\"a\\r\\nX: y\"}\nbody"),
        ["expires as text"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"time\":1,\"expires\":\"soon\"}\nbody"),
        ["expires beyond every time"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"time\":1,\"expires\":99999999999999999999}\nbody"),
        ["expires as a fraction"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"time\":1,\"expires\":1.5}\nbody"),
        ["time negative"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"time\":-1}\nbody"),
        ["time as text"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"time\":\"now\"}\nbody"),
        ["removed, and not text"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"removed\":5}\nbody"),
        ["a megabyte"] = new byte[1024 * 1024],
        ["a megabyte of header"] = Bytes("\u0001{\"nonce\":\"0123456789abcdef\",\"x\":\"" + new string('a', 1024 * 1024)),
    };

    public static TheoryData<string> PoisonNames => [.. Poison.Keys];

    public static TheoryData<TransportKind> Transports => [.. Receivers.Transports];

    [Theory]
    [MemberData(nameof(PoisonNames))]
    public async Task It_is_announced_at_its_place_and_blocks_nobody(string name)
    {
        var mailbox = Names.Fresh("poison");
        await PushAsync(mailbox, Bytes("bare"), Poison[name], Bytes("behind"));

        await PeekShowsAsync(mailbox, "bare", "behind");
        var generation = (await site.InfoAsync(mailbox)).Generation;
        (await site.SendAsync("GET", MailboxRoutes.ForMessage(mailbox, $"{generation}-2"))).Status.ShouldBe(404);

        await using var receiver = await Receivers.NdjsonAsync(site.Address, mailbox, new ReceiverOptions { Ack = "client" });
        (await receiver.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
        (await receiver.NextAsync(Patience)).Text.ShouldBe("bare");
        var gap = await receiver.NextAsync(Patience);
        gap.IsControl("gap").ShouldBeTrue(gap.ToString());
        (gap.Json!.Value.GetProperty("from").GetInt64(), gap.Json.Value.GetProperty("to").GetInt64(), gap.Json.Value.GetProperty("reason").GetString())
            .ShouldBe((2, 2, GapReasons.Malformed));
        (await receiver.NextAsync(Patience)).Text.ShouldBe("behind");

        await site.DeliverAsync(mailbox, "delivered");
        (await receiver.NextAsync(Patience)).Text.ShouldBe("delivered");
        (await site.InfoAsync(mailbox)).Generation.ShouldBe(generation, "poison must not void what was named");

        // Standing on it is a place like any other: the cursor of the gap resumes behind it, and an ack removes it.
        await receiver.AckAsync(gap.Cursor!);
        (await site.InfoAsync(mailbox)).Messages.ShouldBe(2);
        await receiver.AckAsync(receiver.LastCursor!);
        (await site.InfoAsync(mailbox)).Messages.ShouldBe(0);
        await site.WorksAsync(mailbox);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_mailbox_full_of_poison_is_read_through_and_can_be_resumed_anywhere(TransportKind transport)
    {
        var mailbox = Names.Fresh("poison");
        await PushAsync(mailbox, [.. Poison.Values.SelectMany((poison, i) => new[] { poison, Bytes($"good {i}") })]);
        var receiver = await Receivers.OpenAsync(transport, site.Address, mailbox, new ReceiverOptions { Ack = "client" });
        try
        {
            for (var i = 0; i < Poison.Count; i++)
            {
                ReceivedEvent next;
                do
                {
                    next = await receiver.NextAsync(Patience);
                }
                while (next.IsControl("open"));
                next.IsControl("gap").ShouldBeTrue($"{i}: {next}");
                if (i % 5 == 0)
                {
                    // Come back standing on the poison. (A long-poll has taken what follows already; it just polls on.)
                    if (transport != TransportKind.LongPoll)
                    {
                        await receiver.DisposeAsync();
                        receiver = await Receivers.OpenAsync(
                            transport, site.Address, mailbox, new ReceiverOptions { Ack = "client", After = next.Cursor });
                        (await receiver.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
                    }
                }

                (await receiver.NextAsync(Patience)).Text.ShouldBe($"good {i}");
            }
        }
        finally
        {
            await receiver.DisposeAsync();
        }
    }

    [Fact]
    public async Task Taking_poison_back_and_removing_the_mailbox_work()
    {
        foreach (var poison in Poison.Values)
        {
            var mailbox = Names.Fresh("poison");
            await PushAsync(mailbox, poison, Bytes("good"));
            var generation = (await site.InfoAsync(mailbox)).Generation;
            (await site.SendAsync("DELETE", MailboxRoutes.ForMessage(mailbox, $"{generation}-1"))).Status.ShouldBe(204);
            (await site.SendAsync("DELETE", MailboxRoutes.ForMessage(mailbox, $"{generation}-1"))).Status.ShouldBe(404);
            (await site.ReceiveAsync(mailbox, 1)).ShouldBe(["good"]);
            (await site.SendAsync("DELETE", MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);
            await site.WorksAsync(mailbox);
        }
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\0")]
    [InlineData("")]
    [InlineData("{\"nonce\":\"0123456789abcdef\",\"removed\":\"x\"}\n")]
    [InlineData("{\"topic\":\"t\"}")]
    [InlineData("\n\nevent: evil")]
    public async Task A_bare_body_that_only_looks_odd_is_a_message(string body)
    {
        var mailbox = Names.Fresh("odd");
        await PushAsync(mailbox, Bytes(body));
        await site.WorksAsync(mailbox, body);
    }

    [Fact]
    public async Task A_bare_body_gets_no_topic_by_its_looks()
    {
        // 1,001 deliveries of one topic to an absent client make the unsent tail come again at fresh sequences.
        var mailbox = Names.Fresh("topic");
        (await site.SendAsync("PUT", MailboxRoutes.ForMailbox(mailbox), """{"maxMessages":3}""")).Status.ShouldBe(201);
        await PushAsync(mailbox, Bytes("{\"topic\":\"mine\"}"));
        for (var i = 0; i < 6; i++)
        {
            await site.DeliverAsync(mailbox, $"other {i}", ("Topic", "other"));
        }

        await site.DeliverAsync(mailbox, "mine", ("Topic", "mine"));
        (await site.ReceiveAsync(mailbox, 3)).ShouldBe(["{\"topic\":\"mine\"}", "other 5", "mine"]);
    }

    private Task<object?> PushAsync(string mailbox, params byte[][] entries) =>
        site.Cli.ExecuteAsync(["RPUSH", BadInputSite.ListOf(mailbox), .. entries]);

    private async Task PeekShowsAsync(string mailbox, params string[] bodies)
    {
        var response = await site.SendAsync("GET", MailboxRoutes.ForMessages(mailbox));
        response.Status.ShouldBe(200, response.Text);
        using var page = JsonDocument.Parse(response.Body);
        page.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("data").GetString()).ShouldBe(bodies);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
