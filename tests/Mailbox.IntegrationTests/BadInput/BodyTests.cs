using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: bodies. All of a request is read and checked before the first message is stored.</summary>
[Collection(BadInputSite.Name)]
public sealed class BodyTests(BadInputSite site)
{
    private const int MaxMessageBytes = 65_536;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static TheoryData<string> ManyNames => RefusalData.NamesOf(BodyRefusals.Many);

    public static TheoryData<string> LineNames => RefusalData.NamesOf(BodyRefusals.Lines);

    public static TheoryData<string> AckNames => RefusalData.NamesOf(BodyRefusals.Acks);

    public static TheoryData<string> PutNames => RefusalData.NamesOf(BodyRefusals.Puts);

    public static TheoryData<string> EncodingNames => RefusalData.NamesOf(BodyRefusals.Encodings);

    public static TheoryData<string> SizeNames => RefusalData.NamesOf(BodyRefusals.Sizes);

    [Theory]
    [MemberData(nameof(ManyNames))]
    public Task Deliver_to_many_refuses(string name) => BodyRefusals.Many.Named(name).HoldsAsync(site);

    [Theory]
    [MemberData(nameof(LineNames))]
    public async Task One_bad_line_of_ten_and_nothing_is_delivered(string name)
    {
        var refusal = BodyRefusals.Lines.Named(name);
        await refusal.HoldsAsync(site);

        var response = await site.SendAsync(refusal.BytesFor(site, "m", "n"));
        if (refusal.Body.AsSpan().Count((byte)'\n') == 9)
        {
            response.Text.ShouldContain("Line 7");
        }
    }

    [Theory]
    [MemberData(nameof(AckNames))]
    public Task Ack_refuses(string name) => BodyRefusals.Acks.Named(name).HoldsAsync(site);

    [Theory]
    [MemberData(nameof(PutNames))]
    public Task Put_refuses(string name) => BodyRefusals.Puts.Named(name).HoldsAsync(site);

    [Theory]
    [MemberData(nameof(EncodingNames))]
    public Task A_content_encoding_is_refused(string name) => BodyRefusals.Encodings.Named(name).HoldsAsync(site);

    [Theory]
    [MemberData(nameof(SizeNames))]
    public Task A_body_over_the_limit_is_refused(string name) => BodyRefusals.Sizes.Named(name).HoldsAsync(site);

    [Theory]
    [InlineData("POST", "/v1/mailboxes/{m}/messages", MaxMessageBytes)]
    [InlineData("POST", "/v1/messages", 8 * 1024 * 1024)]
    [InlineData("POST", "/v1/mailboxes/{m}/ack", 4_096)]
    [InlineData("PUT", "/v1/mailboxes/{m}", 4_096)]
    public async Task A_length_over_the_limit_is_refused_before_the_body_is_read(string method, string target, int limit)
    {
        var mailbox = await site.PrimedAsync();
        await site.RefusesAsync(
            413,
            ProblemTypes.TooLarge,
            async () =>
            {
                await using var raw = await RawHttp.ConnectAsync(site.Address);
                await raw.WriteAsync(
                    $"{method} {target.Replace("{m}", mailbox, StringComparison.Ordinal)} HTTP/1.1\r\nHost: x\r\n" +
                    $"Content-Type: application/json\r\nContent-Length: {limit + 1}\r\n\r\n"); // and not one byte of it
                return await raw.ReadResponseAsync(Patience);
            },
            mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_exactly_at_the_limit_is_taken(bool inChunks)
    {
        var mailbox = Names.Fresh("limit");
        var response = await site.SendAsync(inChunks
            ? site.Request("POST", MailboxRoutes.ForMessages(mailbox), ["Transfer-Encoding: chunked"], BodyRefusals.InChunks(MaxMessageBytes), hasLength: false)
            : site.Request("POST", MailboxRoutes.ForMessages(mailbox), [], Encoding.ASCII.GetBytes(new string('a', MaxMessageBytes))));
        response.Status.ShouldBe(202, response.Text);
        await site.WorksAsync(mailbox, new string('a', MaxMessageBytes));
    }

    [Fact]
    public async Task The_identity_is_no_encoding()
    {
        var mailbox = Names.Fresh("identity");
        await site.DeliverAsync(mailbox, "as it is", ("Content-Encoding", "Identity"));
        await site.WorksAsync(mailbox, "as it is");
    }

    [Fact]
    public async Task A_value_of_any_kind_is_a_body_for_many()
    {
        // What is odd and still JSON is delivered as it is: nobody here judges what a backend says to its client.
        foreach (var data in new[]
        {
            "\"\"", "0", "-0", "1e99999", "123456789012345678901234567890", "true", "null", "[]", "{}", """{"a":"\ud800"}""", """{"":{"":[null]}}""",
        })
        {
            var mailbox = Names.Fresh("any");
            var response = await ManyAsync($$"""{"to":["{{mailbox}}"],"data":{{data}}}""");
            response.Status.ShouldBe(200, data + response.Text);
            (await site.ReceiveAsync(mailbox, 1)).ShouldBe([data == "\"\"" ? "" : data]);
        }
    }

    [Fact]
    public async Task Names_that_are_none_fail_by_themselves_and_a_name_given_twice_is_delivered_once()
    {
        var (first, second) = (await site.PrimedAsync(), Names.Fresh("second"));
        var tooLong = new string('a', 129);
        var response = await ManyAsync(
            $$"""{"to":["{{first}}","..","{{second}}","~system","","{{tooLong}}","a/b","{{first}}","é","{}","a\nb","a\u0000b","*"],"data":"x"}""");

        response.Status.ShouldBe(200, response.Text);
        using var answer = JsonDocument.Parse(response.Body);
        var results = answer.RootElement.GetProperty("results").EnumerateArray()
            .Select(one => (Mailbox: one.GetProperty("mailbox").GetString(), Status: one.GetProperty("status").GetInt32(),
                Type: one.TryGetProperty("type", out var type) ? type.GetString() : null))
            .ToList();
        results.ShouldBe(
        [
            (first, 202, null), ("..", 400, ProblemTypes.InvalidName), (second, 202, null), ("~system", 403, ProblemTypes.Forbidden),
            ("", 400, ProblemTypes.InvalidName), (tooLong, 400, ProblemTypes.InvalidName), ("a/b", 400, ProblemTypes.InvalidName),
            ("é", 400, ProblemTypes.InvalidName), ("{}", 400, ProblemTypes.InvalidName), ("a\nb", 400, ProblemTypes.InvalidName),
            ("a\0b", 400, ProblemTypes.InvalidName), ("*", 400, ProblemTypes.InvalidName),
        ]);
        await site.WorksAsync(first, "before", "x");
        await site.WorksAsync(second, "x");
        (await site.SnapshotAsync()).ShouldNotContain("~system");
    }

    [Fact]
    public async Task Ten_thousand_recipients_are_taken()
    {
        var prefix = Names.Fresh("tenk");
        var to = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"{(i == 0 ? prefix : "~" + i)}\""));
        var response = await ManyAsync($$"""{"to":[{{to}}],"data":"x"}"""); // all but one refused, each by itself
        response.Status.ShouldBe(200, response.Text);
        await site.WorksAsync(prefix, "x");
    }

    private Task<RawResponse> ManyAsync(string json) => site.SendAsync(
        site.Request("POST", MailboxRoutes.DeliverMany, ["Content-Type: application/json"], Encoding.UTF8.GetBytes(json)));
}
