using System.Net.Sockets;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>Other versions of HTTP: what they may carry works, and what is malformed in them delivers nothing.</summary>
[Collection(BadInputSite.Name)]
public sealed class ProtocolTests(BadInputSite site)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Fields that come beside those of a delivery, or instead of them; and what answers.</summary>
    private static readonly Dictionary<string, ((string Name, string Value)[] Fields, string Answer)> Malformed = new()
    {
        ["chunks, which there are none of"] = ([("transfer-encoding", "chunked")], ProblemTypes.InvalidHeader),
        ["a connection's own field"] = ([("connection", "close")], "GOAWAY 1"),
        ["a length over the body's"] = ([("content-length", "50")], "RST 1"),
        ["a length under the body's"] = ([("content-length", "2")], "RST 1"),
        ["two lengths"] = ([("content-length", "5"), ("content-length", "6")], "GOAWAY 1"),
        ["CR LF in a value"] = ([("mailbox-type", "a\r\nx: y")], "GOAWAY 1"),
        ["LF in a value of no meaning"] = ([("x-other", "a\nb")], "GOAWAY 1"),
        ["NUL in a value"] = ([("x-other", "a\0b")], "GOAWAY 1"),
        ["a name in upper case"] = ([("Mailbox-Type", "a")], "GOAWAY 1"),
        ["a second path"] = ([(":path", "/v1/mailboxes/evil/messages")], "GOAWAY 1"),
        ["a pseudo field that nobody knows"] = ([(":evil", "x")], "GOAWAY 1"),
        ["TE beside trailers"] = ([("te", "gzip")], "GOAWAY 1"),
        ["CR LF in the path"] = ([(":path=", "/v1/mailboxes/{m}/messages\r\nx: y")], "GOAWAY 1"),
        ["a space in the path"] = ([(":path=", "/v1/mailboxes/{m}/messages HTTP/1.1")], ProblemTypes.InvalidTarget),
        ["a path that is none"] = ([(":path=", "v1/mailboxes/{m}/messages")], "RST 1"),
        ["a path of another host"] = ([(":path=", "http://evil/v1/mailboxes/{m}/messages")], "RST 1"),
        ["dot segments"] = ([(":path=", "/v1/mailboxes/{m}/../{m}/messages")], ProblemTypes.InvalidTarget),
        ["encoded slashes"] = ([(":path=", "/v1/mailboxes/x%2f{m}/messages")], ProblemTypes.InvalidTarget),
        ["a method with a target in it"] = ([(":method=", "POST /v1/mailboxes/{m}/messages")], "RST 1"),
        ["a method in lower case"] = ([(":method=", "post")], ProblemTypes.MethodNotAllowed),
        ["an authority that is none"] = ([(":authority=", "a b")], "RST 1"),
    };

    public static TheoryData<string> MalformedNames => [.. Malformed.Keys];

    [Theory]
    [MemberData(nameof(MalformedNames))]
    public async Task Http2_that_is_malformed_delivers_nothing(string name)
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);
        var (fields, expected) = Malformed[name];

        var answer = await RawHttp2.SendAsync(site.Node.Http2Address!, FieldsOf(mailbox, fields), "hello");

        answer.ShouldContain(expected);
        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_no_failure_of_the_server()
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), async (i, stop) =>
        {
            if (i % 2 == 0)
            {
                // More comes than was said, once the server waits for it.
                (await RawHttp2.SendAsync(site.Node.Http2Address!, FieldsOf(mailbox, [("content-length", "6")]), ["hel", "lo and more"])).ShouldBe("RST 1");
                return;
            }

            await using var raw = await RawHttp.ConnectAsync(site.Address, cancellationToken: stop);
            await raw.WriteAsync($"POST {MailboxRoutes.ForMessages(mailbox)} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
            using var deadline = new CancellationTokenSource(Patience);
            await raw.Stream.ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length], deadline.Token); // it waits for the body
            await raw.WriteAsync("hel");
            raw.Stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0); // closed, it is reset
        });

        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
        site.Node.Output.ShouldNotContain(line => line.StartsWith("fail:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Http2_trailers_are_no_headers()
    {
        var mailbox = await site.PrimedAsync();
        var answer = await RawHttp2.SendAsync(site.Node.Http2Address!, FieldsOf(mailbox, []), "hello", [("mailbox-type", "evil"), ("ttl", "0")]);
        answer.ShouldContain("\"queued\":true");
        (await site.SendAsync("GET", MailboxRoutes.ForMessages(mailbox))).Text.ShouldNotContain("evil");
        await site.WorksAsync(mailbox, "before", "hello");
    }

    [Fact]
    public async Task Http2_on_the_port_of_HTTP_1_gets_nothing_done()
    {
        var mailbox = await site.PrimedAsync();
        var before = await site.SnapshotAsync(mailbox);
        (await RawHttp2.SendAsync(site.Address, FieldsOf(mailbox, []), "hello")).ShouldStartWith("GOAWAY");
        (await site.SnapshotAsync(mailbox)).ShouldBe(before);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task Http_1_0_delivers_a_body_of_a_known_length_and_of_no_other()
    {
        var mailbox = await site.PrimedAsync();
        var delivered = await RawHttp.SendAsync(site.Address, $"POST {MailboxRoutes.ForMessages(mailbox)} HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
        delivered.Status.ShouldBe(202, delivered.Text);
        await site.RefusesAsync(
            400, null, () => RawHttp.SendAsync(site.Address, $"POST {MailboxRoutes.ForMessages(mailbox)} HTTP/1.0\r\n\r\nhello"), mailbox);
        await site.WorksAsync(mailbox, "before", "hello");
    }

    [Fact]
    public async Task Http_1_0_is_answered_once_and_closed()
    {
        var mailbox = await site.PrimedAsync();
        await using var raw = await RawHttp.ConnectAsync(site.Address);
        await raw.WriteAsync(
            $"GET {MailboxRoutes.ForInfo(mailbox)} HTTP/1.0\r\n\r\n" +
            $"DELETE {MailboxRoutes.ForMailbox(mailbox)} HTTP/1.0\r\n\r\n");
        (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(200);
        (await raw.ReadResponseAsync(Patience)).Status.ShouldBe(0);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task A_stream_over_HTTP_1_0_has_no_chunks()
    {
        var mailbox = await site.PrimedAsync();
        await using var raw = await RawHttp.ConnectAsync(site.Address);
        await raw.WriteAsync($"GET {MailboxRoutes.ForMailbox(mailbox)} HTTP/1.0\r\nAccept: application/x-ndjson\r\n\r\n");
        using var reader = new StreamReader(raw.Stream);
        using var deadline = new CancellationTokenSource(Patience);
        var lines = new List<string>();
        while (lines.Count == 0 || !lines[^1].Contains("before", StringComparison.Ordinal))
        {
            lines.Add((await reader.ReadLineAsync(deadline.Token))!);
        }

        lines.ShouldNotContain(line => line.StartsWith("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
        lines[(lines.IndexOf("") + 1)..].ShouldAllBe(line => line.StartsWith("{\"", StringComparison.Ordinal));
    }

    /// <summary>Those of a delivery; a name that ends in = is put in the place of the one it names.</summary>
    private static List<(string Name, string Value)> FieldsOf(string mailbox, (string Name, string Value)[] changes)
    {
        List<(string Name, string Value)> fields =
            [(":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", MailboxRoutes.ForMessages(mailbox))];
        foreach (var (name, value) in changes)
        {
            var filled = value.Replace("{m}", mailbox, StringComparison.Ordinal);
            var place = fields.FindIndex(field => field.Name + "=" == name);
            if (place < 0)
            {
                fields.Add((name, filled));
            }
            else
            {
                fields[place] = (name[..^1], filled);
            }
        }

        return fields;
    }
}
