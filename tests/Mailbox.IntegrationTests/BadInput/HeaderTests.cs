using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: the headers of a delivery, and what a sender may smuggle into a receiver's stream with them or with the body.</summary>
[Collection(BadInputSite.Name)]
public sealed class HeaderTests(BadInputSite site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static IEnumerable<Refusal> Refusals { get; } =
    [
        .. new[] { "", "-1", "abc", "1.5", "+5", "1e3", "0x10", "1 2", "10000000000", "99999999999999999999", "\u0661", "5;5" }
            .Select(value => Of("TTL: " + value)),
        Of("TTL: 5", "TTL: 6"),
        Of("TTL: 5", "ttl: 5"),
        .. new[]
        {
            "", "open", "error", "message", "mailbox.x", "mailbox.", "a b", "a/b", "a:b", "a,b", "\"a\"", "caf\u00c3\u00a9", "a\tb",
            new string('a', 129),
        }.Select(value => Of("Mailbox-Type: " + value)),
        Of("Mailbox-Type: a", "Mailbox-Type: b"),
        .. new[] { "", "a.b", "a b", "a+b", "a~", "\u00c3\u00a9", new string('a', 33) }.Select(value => Of("Topic: " + value)),
        Of("Topic: a", "Topic: b"),
        .. new[] { "", "\"\"", "a b", "a\u0001b", "a\u007fb", "\u00c3\u00a9", new string('k', 129), "\"" + new string('k', 129) + "\"" }
            .Select(value => Of("Idempotency-Key: " + value)),
        Of("Idempotency-Key: a", "Idempotency-Key: a"),
        Of("Content-Type: " + "text/" + new string('a', 252)),
        Of("Content-Type: text/plain\u0001"),
        Of("Content-Type: text/caf\u00c3\u00a9"),
        Of("Content-Type: text/plain", "Content-Type: application/json"),
        Of("Mailbox-Type: a\u00ff") with { Type = null }, // not UTF-8: the web server's own answer
        Of("Mailbox-Type: a\r b") with { Type = null },
        Of("Mailbox-Type: a\nb") with { Type = null },
        Of("Mailbox-Type: a\0b") with { Type = null },
    ];

    public static TheoryData<string> RefusalNames => RefusalData.NamesOf(Refusals);

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public Task A_delivery_header_out_of_bounds_is_refused(string name) => Refusals.Named(name).HoldsAsync(site);

    [Fact]
    public async Task A_CR_LF_in_a_header_begins_another_header_and_no_event()
    {
        var mailbox = Names.Fresh("crlf");
        await site.DeliverAsync(mailbox, "x", ("Mailbox-Type", "a\r\nevent: evil"));
        await using var receiver = await Receivers.NdjsonAsync(site.Address, mailbox);
        (await receiver.NextAsync(Patience)).Control.ShouldBe("open");
        (await receiver.NextAsync(Patience)).Type.ShouldBe("a");
    }

    [Fact]
    public async Task What_is_at_the_bound_is_taken()
    {
        var mailbox = Names.Fresh("bound");
        var (type, topic, key) = (new string('t', 128), new string('o', 32), new string('k', 128));
        var response = await site.SendAsync(
            "POST", MailboxRoutes.ForMessages(mailbox), "x", ("Mailbox-Type", type), ("Topic", topic), ("Idempotency-Key", $"\"{key}\""),
            ("TTL", "9999999999"), ("Content-Type", "text/" + new string('a', 251)));
        response.Status.ShouldBe(202, response.Text);
        response.Header("TTL").ShouldBe("86400", "a life above the mailbox's own is lowered, and the answer says so");
        await site.WorksAsync(mailbox, "x");
    }

    [Fact]
    public async Task An_idempotency_key_is_the_same_in_quotes_and_bare_and_another_body_is_422()
    {
        var mailbox = Names.Fresh("idem");
        var id = await site.DeliverAsync(mailbox, "x", ("Idempotency-Key", "k-1"));
        (await site.DeliverAsync(mailbox, "x", ("Idempotency-Key", "\"k-1\""))).ShouldBe(id);
        await site.RefusesAsync(
            422,
            ProblemTypes.IdempotencyConflict,
            () => site.SendAsync("POST", MailboxRoutes.ForMessages(mailbox), "y", ("Idempotency-Key", "\"k-1\"")),
            mailbox);
        await site.WorksAsync(mailbox, "x");
    }

    [Theory]
    [InlineData("\n\nevent: evil\ndata: evil\n\n")]
    [InlineData("\r\revent: evil\rdata: evil\r\r")]
    [InlineData("\r\n\r\nid: evil\r\nretry: 1\r\n\r\n")]
    [InlineData("x\n:\n\n: comment\n")]
    [InlineData("data: data: data")]
    [InlineData(" leading space")]
    [InlineData("\u0000\u0001\u001b[2J")]
    [InlineData("\u2028\u2029\u0085\u000b\u000c")]
    [InlineData("\ufeffbyte order mark")]
    [InlineData("\n")]
    [InlineData("")]
    public async Task A_body_stays_one_message_on_every_transport(string body)
    {
        foreach (var (transport, format) in new[]
        {
            (TransportKind.Sse, null), (TransportKind.Sse, "envelope"), (TransportKind.Ndjson, null), (TransportKind.WebSocket, null),
            (TransportKind.LongPoll, (string?)null),
        })
        {
            foreach (var contentType in new[] { "text/plain", "application/json" })
            {
                var mailbox = Names.Fresh("inject");
                var request = site.Request(
                    "POST", MailboxRoutes.ForMessages(mailbox), ["Content-Type: " + contentType, "Mailbox-Type: good"], Encoding.UTF8.GetBytes(body));
                (await site.SendAsync(request)).Status.ShouldBe(202);
                await site.DeliverAsync(mailbox, "next");

                await using var receiver = await Receivers.OpenAsync(
                    transport, site.Address, mailbox, new ReceiverOptions { Format = format });
                (await receiver.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
                var message = await receiver.NextAsync(Patience);
                (message.Kind, message.Type).ShouldBe((ReceivedKind.Message, "good"));
                var isRawSse = transport == TransportKind.Sse && format is null;
                var text = isRawSse ? message.Text : message.Json!.Value.GetProperty("data").GetString();
                text.ShouldBe(
                    isRawSse ? body.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : body,
                    $"{transport} {format} {contentType}");
                (await receiver.NextAsync(Patience)).Text.ShouldBe("next");
            }
        }
    }

    [Fact]
    public async Task JSON_with_line_ends_stays_one_line()
    {
        var mailbox = Names.Fresh("lines");
        const string Json = "{\r\n\"a\":\n[1,\r2]}";
        await site.DeliverAsync(mailbox, Json, ("Content-Type", "application/json"));
        foreach (var transport in Receivers.Transports)
        {
            await using var receiver = await Receivers.OpenAsync(transport, site.Address, mailbox, new ReceiverOptions { Format = "envelope" });
            (await receiver.NextAsync(Patience)).IsControl("open").ShouldBeTrue();
            var message = await receiver.NextAsync(Patience);
            JsonElement.DeepEquals(message.Json!.Value.GetProperty("data"), JsonElement.Parse("{\"a\":[1,2]}")).ShouldBeTrue();
        }
    }

    private static Refusal Of(params string[] headers) =>
        new(string.Join(" + ", headers.Select(Shown)), 400, ProblemTypes.InvalidHeader) { Headers = headers, Body = Refusal.Utf8("x") };

    /// <summary>A name that every runner can show.</summary>
    private static string Shown(string header)
    {
        var shown = new StringBuilder();
        foreach (var c in header.Length > 60 ? $"{header[..40]}... ({header.Length})" : header)
        {
            shown.Append(c is >= ' ' and <= '~' ? c.ToString() : $"\\x{(int)c:x2}");
        }

        return shown.ToString();
    }
}
