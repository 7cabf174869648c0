using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>
/// A sender that writes what only the server writes: other ids, events, control events, the end of a line or of a frame. The
/// bytes of each stream are held against the bytes that must be there.
/// </summary>
[Collection(BadInputSite.Name)]
public sealed class StreamInjectionTests(BadInputSite site)
{
    private const string Last = "the last";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Everything that some reader of lines takes for an end of one.</summary>
    private static readonly string[] LineEnds = ["\r\n", "\r", "\n", "\u000b", "\u000c", "\u001c", "\u001d", "\u001e", "\u0085", "\u2028", "\u2029"];

    private static readonly Dictionary<string, (string? ContentType, byte[] Body)> Attacks = new()
    {
        ["an event of its own"] = Text("a\n\nid: evil\nevent: mailbox.replaced\ndata: {}\n\n"),
        ["an event after CR"] = Text("a\r\rid: evil\revent: mailbox.replaced\rdata: {}\r\r"),
        ["an event after CR LF"] = Text("a\r\n\r\nid: evil\r\nevent: mailbox.replaced\r\n\r\n"),
        ["an id after a CR"] = Text("\rid: 1"),
        ["mixed line ends"] = Text("\n\r\n\r\r\n\n\rretry: 1\n:\n"),
        ["NUL"] = Text("\0id: \0\n\0"),
        ["a byte order mark"] = Text("\uFEFFevent: open\n\uFEFF"),
        ["line ends of Unicode"] = Text("a\u0085event: x\u2028{\"control\":\"replaced\"}\u2029data: y\u000b\u000c\u001c\u001d\u001e"),
        ["line ends of Unicode in JSON"] = ("application/json", Encoding.UTF8.GetBytes("{\"a\":\"\u2028{}\u2028[]\u2029\u0085\",\r\n\"b\":\n[1,\r2]}")),
        ["JSON behind JSON"] = ("application/json", "{\"a\":1}}\n{\"control\":\"replaced\"}"u8.ToArray()),
        ["JSON members behind JSON"] = ("application/json", "1,\"control\":\"replaced\""u8.ToArray()),
        ["the end of a string"] = Text("\"}\n{\"control\":\"reset\",\"reason\":\"lost\"}"),
        ["half a surrogate pair"] = ("text/plain", [(byte)'a', 0xED, 0xA0, 0x80, (byte)'\n', (byte)'i', (byte)'d', (byte)':']),
        ["half a surrogate pair, escaped"] = ("application/json", "\"\\ud800\""u8.ToArray()),
        ["an overlong line feed"] = ("text/plain", [(byte)'a', 0xC0, 0x8A, 0xC0, 0x8A, (byte)'i', (byte)'d', (byte)':']),
        ["UTF-16"] = ("text/plain", [0xFF, 0xFE, (byte)'\n', 0, (byte)'\n', 0]),
        ["a frame"] = ("text/plain", [0x88, 0x02, 0x03, 0xE8]),
        ["no content type"] = (null, "\n\nevent: mailbox.gap\ndata: {\"from\":1}\n\n"u8.ToArray()),
    };

    public static TheoryData<string> Names => [.. Attacks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task On_raw_server_sent_events_only_data_lines_hold_it(string name)
    {
        var body = Attacks[name].Body;
        var lines = (await StreamAsync(await GivenAsync(name), "", "text/event-stream")).Split('\n');
        var from = lines.Index().Single(line => line.Item.Contains("\"control\":\"open\"", StringComparison.Ordinal)).Index + 2;
        lines[from].ShouldMatch("^id: [A-Za-z0-9_-]{43}$");
        if (!Utf8.IsValid(body))
        {
            lines[from + 1].ShouldBe("event: mailbox.binary");
            EnvelopeHolds(lines[from + 2]["data: ".Length..], body);
            lines[from + 3].ShouldBe("");
            return;
        }

        string[] data = [.. Encoding.UTF8.GetString(body).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n').Select(line => "data: " + line)];
        lines[(from + 1)..(from + 3 + data.Length)].ShouldBe(["event: good", .. data, ""]);
        lines[from + 3 + data.Length].ShouldMatch("^id: [A-Za-z0-9_-]{43}$");
        lines[(from + 4 + data.Length)..].ShouldBe(["data: " + Last, "", ""]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task In_envelopes_it_ends_no_line(string name)
    {
        var body = Attacks[name].Body;
        var mailbox = await GivenAsync(name);

        var events = (await StreamAsync(mailbox, "?format=envelope&mode=shared", "text/event-stream")).Split(LineEnds, StringSplitOptions.None)
            .Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).ToList();
        events.Count.ShouldBe(3);
        EnvelopeHolds(events[1]["data: ".Length..], body);

        var lines = (await StreamAsync(mailbox, "?mode=shared", "application/x-ndjson")).TrimEnd('\n').Split(LineEnds, StringSplitOptions.None);
        lines.Length.ShouldBe(3, "one of the open, one of each message");
        EnvelopeHolds(lines[1], body);

        var poll = await site.SendAsync("GET", MailboxRoutes.ForMailbox(mailbox) + "?wait=0&mode=shared", "", ("Accept", "application/json"));
        using (var answer = JsonDocument.Parse(poll.Body))
        {
            answer.RootElement.GetProperty("messages").GetArrayLength().ShouldBe(2);
            EnvelopeHolds(answer.RootElement.GetProperty("messages")[0].GetRawText(), body);
        }

        await using var socket = await RawWebSocket.OpenAsync(site.Address, mailbox);
        (await socket.NextAsync()).ShouldContain("\"open\"");
        EnvelopeHolds(await socket.NextAsync(), body);
        (await socket.NextAsync()).ShouldContain(Last);
    }

    /// <summary>A mailbox with the attack and one message behind it.</summary>
    private async Task<string> GivenAsync(string name)
    {
        var (contentType, body) = Attacks[name];
        var mailbox = TestKit.Names.Fresh("inject");
        string[] headers = contentType is null ? ["Mailbox-Type: good"] : ["Mailbox-Type: good", "Content-Type: " + contentType];
        (await site.SendAsync(site.Request("POST", MailboxRoutes.ForMessages(mailbox), headers, body))).Status.ShouldBe(202);
        await site.DeliverAsync(mailbox, Last);
        return mailbox;
    }

    /// <summary>A stream's bytes, without the frames of HTTP, up to the message behind the attack.</summary>
    private async Task<string> StreamAsync(string mailbox, string query, string accept)
    {
        await using var raw = await RawHttp.ConnectAsync(site.Address);
        await raw.WriteAsync($"GET {MailboxRoutes.ForMailbox(mailbox)}{query} HTTP/1.0\r\nAccept: {accept}\r\n\r\n"); // no chunks
        using var deadline = new CancellationTokenSource(Patience);
        using var read = new MemoryStream();
        var end = accept == "text/event-stream" ? "\n\n" : "\n";
        var buffer = new byte[4_096];
        string text;
        do
        {
            var count = await raw.Stream.ReadAsync(buffer, deadline.Token);
            count.ShouldNotBe(0, "the stream ended");
            await read.WriteAsync(buffer.AsMemory(0, count), deadline.Token);
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(read.ToArray());
        }
        while (!text.Contains(Last, StringComparison.Ordinal) || !text.EndsWith(end, StringComparison.Ordinal));
        return text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    /// <summary>By the letter: these members, in this order, once; and the body gives back what was delivered.</summary>
    private static void EnvelopeHolds(string line, byte[] body)
    {
        using var envelope = JsonDocument.Parse(line);
        var members = envelope.RootElement.EnumerateObject().Select(member => member.Name).Where(member => member != "contentType").ToList();
        members[..4].ShouldBe(["id", "cursor", "type", "time"]);
        members.Count.ShouldBe(5);
        envelope.RootElement.GetProperty("type").GetString().ShouldBe("good");
        var data = envelope.RootElement.GetProperty(members[4]);
        if (members[4] == "dataBase64")
        {
            data.GetBytesFromBase64().ShouldBe(body);
        }
        else if (envelope.RootElement.TryGetProperty("contentType", out var contentType) && contentType.GetString() == "application/json" &&
            IsJson(body))
        {
            using var whole = JsonDocument.Parse(body);
            var isAsItIs = data.GetRawText() == Encoding.UTF8.GetString(body); // half a surrogate pair is no text to compare
            (isAsItIs || JsonElement.DeepEquals(data, whole.RootElement)).ShouldBeTrue(line);
        }
        else
        {
            data.GetString().ShouldBe(Encoding.UTF8.GetString(body));
        }
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var whole = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false; // it comes as a string
        }
    }

    private static (string?, byte[]) Text(string text) => ("text/plain", Encoding.UTF8.GetBytes(text));
}
