using System.Text;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>
/// A second request hidden where another server might see one: behind a framing that can be read in two ways, or in a body.
/// It is never executed. {m} is a mailbox, {h} the node's authority, {hidden} a request that removes the mailbox.
/// </summary>
[Collection(BadInputSite.Name)]
public sealed class SmugglingTests(BadInputSite site)
{
    private const string Post = "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\n";
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";
    private const string Hidden = "DELETE /v1/mailboxes/{m} HTTP/1.1\r\nHost: {h}\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Refused with this, and the connection closed.</summary>
    private static readonly Dictionary<string, (int Status, string Request)> Refused = new()
    {
        ["a length that hides what is behind the last chunk"] = (400, Post + "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        ["chunks that hide what is behind the length"] = (400, Post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n60\r\n{hidden}\r\n0\r\n\r\n"),
        ["the coding twice"] = (400, Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        ["the coding and another"] = (400, Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{hidden}"),
        ["the identity"] = (400, Post + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["an empty coding"] = (400, Post + "Transfer-Encoding: \r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["a vertical tab before the coding"] = (400, Post + "Transfer-Encoding: \u000bchunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{hidden}"),
        ["the coding in quotes"] = (400, Post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n{hidden}"),
        ["the coding with a parameter"] = (400, Post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n{hidden}"),
        ["a space before the colon of the coding"] = (400, Post + "Transfer-Encoding : chunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{hidden}"),
        ["a folded coding"] = (400, Post + "Transfer-Encoding:\r\n chunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{hidden}"),
        ["chunks on HTTP/1.0"] = (400, "POST /v1/mailboxes/{m}/messages HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["the same length twice"] = (400, Post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["the same length twice in a line"] = (400, Post + "Content-Length: 5,5\r\n\r\nhello{hidden}"),
        ["an empty length"] = (400, Post + "Content-Length: \r\n\r\n{hidden}"),
        ["a length in hex"] = (400, Post + "Content-Length: 0x5\r\n\r\nhello{hidden}"),
        ["a length with a space in it"] = (400, Post + "Content-Length: 5 0\r\n\r\nhello{hidden}"),
        ["a chunk size with 0x"] = (400, Chunked + "0x5\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["a chunk size with a plus"] = (400, Chunked + "+5\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["a space before a chunk size"] = (400, Chunked + " 5\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["a space behind a chunk size"] = (400, Chunked + "5 \r\nhello\r\n0\r\n\r\n{hidden}"),
        ["no chunk size"] = (400, Chunked + "\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["a chunk size that ends with a bare LF"] = (400, Chunked + "5\nhello\r\n0\r\n\r\n{hidden}"),
        ["a chunk that ends with a bare LF"] = (400, Chunked + "5\r\nhello\n0\r\n\r\n{hidden}"),
        ["a chunk extension with a bare CR"] = (400, Chunked + "5;a\rb\r\nhello\r\n0\r\n\r\n{hidden}"),
        ["a chunk extension that ends with a bare LF"] = (400, Chunked + "5;\nhello\r\n0\r\n\r\n{hidden}"),
        ["a trailer that ends with a bare LF"] = (400, Chunked + "5\r\nhello\r\n0\r\nA: b\n\r\n{hidden}"),
        ["lines that end with a bare LF"] = (400, "POST /v1/mailboxes/{m}/messages HTTP/1.1\nHost: {h}\nContent-Length: 5\n\nhello{hidden}"),
        ["one line that ends with a bare LF"] = (400, Post + "X: y\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["a length behind a bare LF"] = (400, Post + "X: y\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["a name with a space"] = (400, Post + "Content Length: 5\r\n\r\n{hidden}"),
        ["a line without a name"] = (400, Post + ": 5\r\n\r\n{hidden}"),
        ["a line without a colon"] = (400, Post + "Content-Length 5\r\n\r\n{hidden}"),
        ["a first line that is folded"] = (400, "POST /v1/mailboxes/{m}/messages HTTP/1.1\r\n Host: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["two spaces in the request line"] = (400, "POST  /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["a tab in the request line"] = (400, "POST\t/v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["a space behind the version"] = (400, "POST /v1/mailboxes/{m}/messages HTTP/1.1 \r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["a version in lower case"] = (505, "POST /v1/mailboxes/{m}/messages http/1.1\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["HTTP/1.2"] = (505, "POST /v1/mailboxes/{m}/messages HTTP/1.2\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
        ["HTTP/2.0"] = (505, "POST /v1/mailboxes/{m}/messages HTTP/2.0\r\nHost: {h}\r\nContent-Length: 5\r\n\r\nhello{hidden}"),
    };

    /// <summary>Heads of a delivery of "hello" that every server sees the same end of, however odd they look.</summary>
    private static readonly Dictionary<string, string> InStep = new()
    {
        ["a length with zeros"] = Post + "Content-Length: 0005\r\n\r\nhello",
        ["a length with a plus"] = Post + "Content-Length: +5\r\n\r\nhello",
        ["another length of another name"] = Post + "X-Content-Length: 100\r\nContent-Length: 5\r\n\r\nhello",
        ["a name that a gateway script might take for the coding"] = Post + "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
        ["a tab before the coding"] = Post + "Transfer-Encoding:\tchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ["the coding in upper case"] = Post + "Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ["chunk sizes with zeros"] = Chunked + "0005\r\nhello\r\n000\r\n\r\n",
        ["a chunk extension"] = Chunked + "5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n",
        ["trailers that would be headers"] = Chunked + "5\r\nhello\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\nMailbox-Type: evil\r\n\r\n",
        ["the length named as the connection's own"] = Post + "Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello",
        ["an empty line before"] = "\r\n" + Post + "Content-Length: 5\r\n\r\nhello",
        ["an upgrade to HTTP/2"] = Post + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 5\r\n\r\nhello",
        ["an expectation that nobody knows"] = Post + "Expect: the-unexpected\r\nContent-Length: 5\r\n\r\nhello",
    };

    /// <summary>Requests whose body is not read, or not by whom one would think; and how many answers they get.</summary>
    private static readonly Dictionary<string, (int Status, string Request)> Bodies = new()
    {
        ["of an info"] = (200, "GET /v1/mailboxes/{m}/info HTTP/1.1\r\nHost: {h}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of a peek, in chunks"] = (200, "GET /v1/mailboxes/{m}/messages HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{hidden}\r\n0\r\n\r\n"),
        ["of a long-poll"] = (200, "GET /v1/mailboxes/{m}?wait=0&mode=shared HTTP/1.1\r\nHost: {h}\r\nAccept: application/json\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of a closing of the receiver"] = (204, "DELETE /v1/mailboxes/{m}/receiver HTTP/1.1\r\nHost: {h}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of an open that is refused"] = (400, "GET /v1/mailboxes/{m}?after=junk HTTP/1.1\r\nHost: {h}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of a path that there is not"] = (404, "POST /v1/nothing HTTP/1.1\r\nHost: {h}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of a method that is not taken"] = (405, "PATCH /v1/mailboxes/{m} HTTP/1.1\r\nHost: {h}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["of a handshake that is wrong"] = (400,
            "GET /v1/mailboxes/{m} HTTP/1.1\r\nHost: {h}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        ["that waits for the server's word and does not get it"] = (400,
            "POST /v1/mailboxes/.m/messages HTTP/1.1\r\nHost: {h}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n{hidden}"),
    };

    public static TheoryData<string> RefusedNames => [.. Refused.Keys];

    public static TheoryData<string> InStepNames => [.. InStep.Keys];

    public static TheoryData<string> BodyNames => [.. Bodies.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Behind_a_framing_that_can_be_read_in_two_ways(string name)
    {
        var (status, request) = Refused[name];
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);

        await using (var raw = await RawHttp.ConnectAsync(site.Address))
        {
            await raw.WriteAsync(Fill(request, mailbox));
            var response = await raw.ReadResponseAsync(Patience);
            response.Status.ShouldBe(status, response.StatusLine + response.Text);
            (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(0, "nothing more is read from that connection");
        }

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Theory]
    [MemberData(nameof(InStepNames))]
    public async Task What_only_looks_odd_is_one_message_and_the_next_request_is_the_next(string name)
    {
        var mailbox = await site.PrimedAsync();
        await using (var raw = await RawHttp.ConnectAsync(site.Address))
        {
            await raw.WriteAsync(Fill(InStep[name] + "GET /v1/mailboxes/{m}/info HTTP/1.1\r\nHost: {h}\r\nConnection: close\r\n\r\n", mailbox));
            (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(202);
            var next = await raw.ReadResponseAsync(Patience);
            next.Status.ShouldBe(200, next.Text);
            next.Text.ShouldContain("\"messages\":2");
            (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(0);
        }

        await site.WorksAsync(mailbox, "before", "hello");
    }

    [Theory]
    [MemberData(nameof(BodyNames))]
    public async Task In_a_body(string name)
    {
        var (status, request) = Bodies[name];
        var mailbox = await site.PrimedAsync();
        await using (var raw = await RawHttp.ConnectAsync(site.Address))
        {
            await raw.WriteAsync(Fill(request + "GET /v1/mailboxes/{m}/info HTTP/1.1\r\nHost: {h}\r\nConnection: close\r\n\r\n", mailbox));
            var response = await raw.ReadResponseAsync(Patience);
            response.Status.ShouldBe(status, response.StatusLine + response.Text);

            // Whoever waited for 100 and got a refusal instead may have its connection closed.
            var next = await raw.ReadResponseAsync(Patience);
            next.Status.ShouldBeOneOf(200, 0);
            (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(0);
        }

        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task Behind_a_handshake()
    {
        var mailbox = await site.PrimedAsync();
        await using (var socket = await RawWebSocket.OpenAsync(site.Address, mailbox))
        {
            (await socket.NextAsync()).ShouldContain("\"open\"");
            await socket.SendAsync(Fill(Hidden, mailbox)); // a proxy that saw no 101 would send the next client's request
            (await socket.CloseCodeAsync()).ShouldBe(1002);
        }

        await site.WorksAsync(mailbox, "before");
    }

    private byte[] Fill(string request, string mailbox)
    {
        var hidden = Put(Hidden);
        return Encoding.Latin1.GetBytes(Put(request)
            .Replace("{hidden}", hidden, StringComparison.Ordinal)
            .Replace("{length}", $"{hidden.Length + (request.Contains("0\r\n\r\n{hidden}", StringComparison.Ordinal) ? 5 : 0)}", StringComparison.Ordinal)
            .Replace("{size}", $"{hidden.Length:x}", StringComparison.Ordinal));

        string Put(string text) => text
            .Replace("{m}", mailbox, StringComparison.Ordinal)
            .Replace("{h}", site.Address.Authority, StringComparison.Ordinal);
    }
}
