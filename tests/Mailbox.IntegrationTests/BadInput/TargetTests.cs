using System.Net.Sockets;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: request lines, hosts, sizes and framing. What could be read in two ways is refused, and the connection closed.</summary>
[Collection(BadInputSite.Name)]
public sealed class TargetTests(BadInputSite site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Whole requests; {m} is a mailbox, {h} the node's authority.</summary>
    private static readonly (string Name, string Request)[] Unreadable =
    [
        ("no Host", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
        ("two Hosts", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello"),
        ("a Host that is none", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: a b\r\nContent-Length: 5\r\n\r\nhello"),
        ("length and chunks", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("chunks and length", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\nContent-Length: 15\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("two lengths that differ", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        ("two lengths in one line", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5, 6\r\n\r\nhello!"),
        ("a negative length", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: -5\r\n\r\nhello"),
        ("a length that is no number", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: five\r\n\r\nhello"),
        ("a length beyond 64 bits", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 99999999999999999999\r\n\r\nhello"),
        ("neither length nor chunks, but a body", "POST /v1/mailboxes/{m}/ack HTTP/1.1\r\nHost: {h}\r\n\r\n{\"cursor\":\"x\"}\r\n\r\n"),
        ("a chunk size that is no number", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
        ("a chunk longer than its size", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"),
        ("a chunk size beyond 64 bits", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
        ("a negative chunk size", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"),
        ("a chunk extension with a bare LF", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"),
        ("a coding under the chunks", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("a coding over the chunks", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked, gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("a coding that nobody knows", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("a folded header", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nMailbox-Type: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"),
        ("a bare CR in a header", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nMailbox-Type: a\rb\r\nContent-Length: 5\r\n\r\nhello"),
        ("a NUL in a header", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nMailbox-Type: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
        ("a space before the colon", "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nMailbox-Type : a\r\nContent-Length: 5\r\n\r\nhello"),
        ("no version", "POST /v1/mailboxes/{m}/messages\r\nHost: {h}\r\n\r\n"),
        ("another host in the target", "POST http://example.org/v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello"),
        ("a target that is no path", "POST v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello"),
        ("the asterisk for GET", "GET * HTTP/1.1\r\nHost: {h}\r\n\r\n"),
    ];

    internal static IEnumerable<Refusal> Refusals { get; } =
    [
        new("a method in lower case", 405, ProblemTypes.MethodNotAllowed) { Method = "post", Body = Refusal.Utf8("hello") },
        new("an open in lower case", 405, ProblemTypes.MethodNotAllowed) { Method = "get", Target = "/v1/mailboxes/{m}" },
        new("a method of mixed case", 405, ProblemTypes.MethodNotAllowed) { Method = "Delete", Target = "/v1/mailboxes/{m}" },
        new("a method that does not exist", 405, ProblemTypes.MethodNotAllowed) { Method = "BREW", Target = "/v1/mailboxes/{m}" },
        new("PATCH", 405, ProblemTypes.MethodNotAllowed) { Method = "PATCH", Target = "/v1/mailboxes/{m}" },
        new("TRACE", 405, ProblemTypes.MethodNotAllowed) { Method = "TRACE", Target = "/v1/mailboxes/{m}" },
        new("CONNECT", 405, ProblemTypes.MethodNotAllowed) { Method = "CONNECT", Target = "/v1/mailboxes/{m}" },
        new("DELETE on all mailboxes", 405, ProblemTypes.MethodNotAllowed) { Method = "DELETE", Target = "/v1/mailboxes" },
        new("OPTIONS on the asterisk", 404, ProblemTypes.NotFound) { Method = "OPTIONS", Target = "*" },
        new("no such path", 404, ProblemTypes.NotFound) { Target = "/v1/mailboxes/{m}/nothing" },
        new("no such version", 404, ProblemTypes.NotFound) { Target = "/v2/mailboxes/{m}/messages" },
        new("a path of more than 8 KB", 414, null) { Target = "/v1/mailboxes/" + new string('a', 9_000) },
        new("a query of more than 8 KB", 414, null) { Method = "GET", Target = "/v1/mailboxes/{m}?after=" + new string('a', 9_000) },
        new("a header of more than 32 KB", 431, null) { Headers = ["X-Filler: " + new string('a', 33_000)] },
        new("headers of more than 32 KB", 431, null)
        {
            Headers = [.. Enumerable.Range(0, 40).Select(i => $"X-Filler-{i}: {new string('a', 1_000)}")],
        },
        new("more than 100 headers", 431, null) { Headers = [.. Enumerable.Range(0, 120).Select(i => $"X-{i}: a")] },
    ];

    public static TheoryData<string> UnreadableNames => [.. Unreadable.Select(one => one.Name)];

    public static TheoryData<string> RefusalNames => RefusalData.NamesOf(Refusals);

    internal static IEnumerable<byte[]> UnreadableRequests(BadInputSite site, string mailbox) =>
        Unreadable.Select(one => Fill(site, one.Request, mailbox));

    [Theory]
    [MemberData(nameof(UnreadableNames))]
    public async Task What_could_be_read_in_two_ways_is_refused_and_the_connection_closed(string name)
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);

        await using (var raw = await RawHttp.ConnectAsync(site.Address))
        {
            await raw.WriteAsync(Fill(site, Unreadable.Single(one => one.Name == name).Request, mailbox));
            var response = await raw.ReadResponseAsync(Patience);
            do
            {
                response.Status.ShouldBeInRange(400, 499, response.StatusLine);
                response = await raw.ReadResponseAsync(Patience);
            }
            while (response.Status != 0); // closed
        }

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public Task A_request_line_or_head_out_of_bounds_is_refused(string name) => Refusals.Named(name).HoldsAsync(site);

    [Fact]
    public async Task The_absolute_form_names_the_same_mailbox()
    {
        var mailbox = Names.Fresh("absolute");
        var response = await site.SendAsync("POST", $"http://{site.Address.Authority}{MailboxRoutes.ForMessages(mailbox)}", "absolute");
        response.Status.ShouldBe(202, response.Text);
        await site.WorksAsync(mailbox, "absolute");
    }

    [Theory]
    [InlineData("/v1/mailboxes/%2e%2e/messages")]
    [InlineData("/v1/mailboxes//messages")]
    [InlineData("/v1/mailboxes/a%2Fb/messages")]
    public async Task The_absolute_form_gets_round_no_check(string path)
    {
        var unused = Names.Fresh("absolute");
        await site.RefusesAsync(400, ProblemTypes.InvalidTarget, () => site.SendAsync(
            "POST", $"http://{site.Address.Authority}{path}", $$"""{"to":["{{unused}}"],"data":"x"}""", ("Content-Type", "application/json")));
    }

    [Fact]
    public async Task Half_a_body_stores_nothing()
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);
        await using (var raw = await RawHttp.ConnectAsync(site.Address))
        {
            await raw.WriteAsync($"POST {MailboxRoutes.ForMessages(mailbox)} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
            raw.Stream.Socket.Shutdown(SocketShutdown.Send);
            var response = await raw.ReadResponseAsync(Patience);
            response.Status.ShouldBeOneOf(0, 400);
        }

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task A_refused_request_leaves_the_connection_in_step()
    {
        // A refusal that did not read its body must not take that body for the next request.
        var mailbox = await site.PrimedAsync();
        var smuggled = $"DELETE {MailboxRoutes.ForMailbox(mailbox)} HTTP/1.1\r\nHost: x\r\n\r\n";
        await using var raw = await RawHttp.ConnectAsync(site.Address);
        await raw.WriteAsync(
            $"POST /v1/mailboxes/.bad/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {smuggled.Length}\r\n\r\n{smuggled}" +
            $"GET {MailboxRoutes.ForInfo(mailbox)} HTTP/1.1\r\nHost: x\r\n\r\n");
        (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(400);
        (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(200);
        await site.WorksAsync(mailbox, "before");
    }

    private static byte[] Fill(BadInputSite site, string request, string mailbox) => Encoding.Latin1.GetBytes(request
        .Replace("{m}", mailbox, StringComparison.Ordinal)
        .Replace("{h}", site.Address.Authority, StringComparison.Ordinal));
}
