using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>Line ends in what becomes part of an answer's head or of an event: refused where they come in, by every door.</summary>
[Collection(BadInputSite.Name)]
public sealed class HeaderInjectionTests(BadInputSite site)
{
    /// <summary>Line ends, and characters that become one where somebody keeps only their low byte (U+560D U+560A).</summary>
    private static readonly string[] Values = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\u560d\u560aX-Evil: 1", "a\u010d\u010aX-Evil: 1", "a\u2028X-Evil: 1", "a\0", "a\u0085"];

    public static MatrixTheoryData<string, int> Members => new(["type", "topic", "idempotencyKey", "contentType"], Enumerable.Range(0, Values.Length));

    public static MatrixTheoryData<string, int> Headers => new(["Mailbox-Type", "Topic", "Idempotency-Key", "Content-Type", "Last-Event-ID"], Enumerable.Range(0, Values.Length));

    [Theory]
    [MemberData(nameof(Members))]
    public async Task A_member_of_deliver_to_many(string member, int value)
    {
        var mailbox = await site.PrimedAsync();
        var json = $$"""{"to":["{{mailbox}}"],"data":"x","{{member}}":{{JsonSerializer.Serialize(Values[value])}}}""";
        await site.RefusesAsync(
            400, ProblemTypes.InvalidBody,
            () => site.SendAsync(site.Request("POST", MailboxRoutes.DeliverMany, ["Content-Type: application/json"], Encoding.UTF8.GetBytes(json))),
            mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task An_option_of_the_function_and_a_header_in_UTF_8(string header, int value)
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);
        var text = Values[value];
        if (header != "Last-Event-ID")
        {
            var option = header switch { "Mailbox-Type" => "type", "Topic" => "topic", "Content-Type" => "contentType", _ => "idempotencyKey" };
            var refused = await Should.ThrowAsync<RedisErrorException>(() => site.Cli.ExecuteAsync(
                "FCALL", "mailbox_deliver", 3, BadInputSite.HashOf(mailbox), BadInputSite.ListOf(mailbox), BadInputSite.IndexOf(mailbox), "x", option, text));
            refused.Message.ShouldStartWith("MAILBOX invalid " + option);
        }

        if (text.AsSpan().IndexOfAny('\r', '\n') < 0) // which would be another header, and no attack
        {
            var method = header == "Last-Event-ID" ? "GET" : "POST";
            var target = method == "GET" ? MailboxRoutes.ForMailbox(mailbox) : MailboxRoutes.ForMessages(mailbox);
            var raw = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
            var response = await site.SendAsync(site.Request(method, target, [$"{header}: {raw}"], method == "GET" ? [] : Refusal.Utf8("x")));
            response.Status.ShouldBe(400, response.Text);
            response.Header("X-Evil").ShouldBeNull();
        }

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [InlineData("%0d%0aX-Evil:%201")]
    [InlineData("\\r\\nX-Evil: 1")]
    [InlineData("%E5%98%8D%E5%98%8AX-Evil:1")]
    public async Task What_is_escaped_is_never_decoded(string value)
    {
        var mailbox = Names.Fresh("escaped");
        foreach (var header in new[] { "Mailbox-Type", "Topic", "Last-Event-ID" })
        {
            var method = header == "Last-Event-ID" ? "GET" : "POST";
            (await site.RefusesAsync(400, null, () => site.SendAsync(
                method, method == "GET" ? MailboxRoutes.ForMailbox(mailbox) : MailboxRoutes.ForMessages(mailbox), "", (header, value)), mailbox))
                .Header("X-Evil").ShouldBeNull();
        }

        // A content type and a key may hold it, as it is: nobody decodes those.
        var contentType = "text/plain; x=" + value;
        var id = await site.DeliverAsync(mailbox, "x", ("Content-Type", contentType), ("Idempotency-Key", value.Replace(" ", "", StringComparison.Ordinal)));
        var read = await site.SendAsync("GET", MailboxRoutes.ForMessage(mailbox, id));
        read.Header("Content-Type").ShouldBe(contentType);
        read.Header("X-Evil").ShouldBeNull();
        read.Header("X-Content-Type-Options").ShouldBe("nosniff");
        read.Header("Content-Security-Policy").ShouldBe("sandbox");
        await site.WorksAsync(mailbox, "x");
    }

    [Theory]
    [InlineData("after=%0d%0aX-Evil:1")]
    [InlineData("%0d%0aX-Evil:1=1&mode=%0d%0aX-Evil:1")]
    [InlineData("receiver=0123456789abcde%0a")]
    public async Task A_query_is_not_answered_with_what_it_says(string query)
    {
        var mailbox = await site.PrimedAsync();
        var response = await site.RefusesAsync(
            400, null, () => site.SendAsync("GET", $"{MailboxRoutes.ForMailbox(mailbox)}?{query}", "", ("Accept", "text/event-stream")), mailbox);
        response.Header("X-Evil").ShouldBeNull();
        response.Text.ShouldNotContain("Evil");
    }
}
