using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;
using MailboxServer.Tests.Mailboxes;

namespace MailboxServer.Tests.Transports;

public class EnvelopeWriterTests
{
    [Fact]
    public void WriteMessage_AllParts_AllMembers()
    {
        using var envelope = Parse(Sample.Message(7, "hello") with
        {
            Type = "order.created",
            ContentType = "text/plain; charset=utf-8",
            Time = new DateTimeOffset(2025, 6, 15, 17, 6, 40, 7, TimeSpan.FromHours(2)),
        });
        envelope.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "cursor", "type", "time", "contentType", "data"]);
        Member(envelope, "id").ShouldBe("000000000000a0a0-7");
        Member(envelope, "cursor").ShouldBe(Sample.CursorAt(7).ToString());
        Member(envelope, "type").ShouldBe("order.created");
        Member(envelope, "time").ShouldBe("2025-06-15T15:06:40.007Z");
        Member(envelope, "contentType").ShouldBe("text/plain; charset=utf-8");
        Member(envelope, "data").ShouldBe("hello");
    }

    [Fact]
    public void WriteMessage_BareDelivery_OnlyWhatItHas()
    {
        using var envelope = Parse(Sample.Message(7, "{}"));
        envelope.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "cursor", "data"]);
        Member(envelope, "data").ShouldBe("{}", "a bare body is never JSON");
    }

    [Fact]
    public void WriteMessage_AnyText_OneLineOfJsonWithTheSameText()
    {
        foreach (var body in Bodies.Texts(seed: 21, count: 3_000))
        {
            using var envelope = Parse(Sample.Message(1, body) with { ContentType = "text/plain" });
            Member(envelope, "data").ShouldBe(body);
        }
    }

    [Fact]
    public void WriteMessage_AnyBinary_OneLineOfJsonWithEveryByte()
    {
        foreach (var body in Bodies.Binaries(seed: 22, count: 1_000))
        {
            using var envelope = Parse(Sample.Message(1) with { Body = body, ContentType = "application/json" });
            envelope.RootElement.GetProperty("dataBase64").GetBytesFromBase64().ShouldBe(body);
            envelope.RootElement.TryGetProperty("data", out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void WriteMessage_AnyJson_OneLineWithTheSameValue()
    {
        var broken = 0;
        foreach (var body in Bodies.Json(seed: 23, count: 3_000))
        {
            if (body.AsSpan().ContainsAny('\r', '\n')) broken++;
            using var envelope = Parse(Sample.Message(1, body) with { ContentType = "application/json; charset=utf-8" });
            var data = JsonNode.Parse(envelope.RootElement.GetProperty("data").GetRawText());
            JsonNode.DeepEquals(data, JsonNode.Parse(body)).ShouldBeTrue(body);
        }

        broken.ShouldBeGreaterThan(1_000, "or nothing was tried");
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1e999")]
    [InlineData("12345678901234567890.123456789")]
    [InlineData("\"\\u00e9\\/\"")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void WriteMessage_JsonThatReadersDisagreeAbout_PassedOnAsItIs(string body)
    {
        using var envelope = Parse(Sample.Message(1, body) with { ContentType = "application/json" });
        envelope.RootElement.GetProperty("data").GetRawText().ShouldBe(body);
    }

    [Theory]
    [InlineData("{\"a\":1}{\"control\":\"replaced\"}")]
    [InlineData("1,\"control\":\"replaced\"")]
    [InlineData("\"a\"}\n{\"control\":\"replaced\"}")]
    [InlineData("")]
    public void WriteMessage_AlmostJson_CannotEscapeItsEnvelope(string body)
    {
        using var envelope = Parse(Sample.Message(1, body) with { ContentType = "application/json" });
        Member(envelope, "data").ShouldBe(body);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public void WriteMessage_LineEndsOfUnicode_NoneInTheLine(string contentType)
    {
        // The middle one stands alone on a line, and is JSON there, to who splits at these.
        const string Value = "\u2028{}\u2028[1]\u2029{}\u0085é\u20ac";
        var output = new ArrayBufferWriter<byte>();
        var body = contentType == "text/plain" ? Value : "{\r\n\"a\":\"" + Value + "\"}";
        EnvelopeWriter.WriteMessage(output, Sample.Message(1, body) with { ContentType = contentType }, Sample.Receiver);

        var line = Encoding.UTF8.GetString(output.WrittenSpan);
        line.IndexOfAny(['\r', '\n', '\u0085', '\u2028', '\u2029']).ShouldBe(-1, line);
        using var envelope = JsonDocument.Parse(line);
        var data = envelope.RootElement.GetProperty("data");
        (contentType == "text/plain" ? data : data.GetProperty("a")).GetString().ShouldBe(Value);
    }

    [Fact]
    public void WriteMessage_LargestJsonWithManyLineEnds_OneLine()
    {
        var body = "[" + string.Concat(Enumerable.Repeat("1,\r\n", 16_000)) + "2]";
        using var envelope = Parse(Sample.Message(1, body) with { ContentType = "application/json" });
        envelope.RootElement.GetProperty("data").GetArrayLength().ShouldBe(16_001);
    }

    [Fact]
    public void WriteMessage_BodyThatIsASliceOfALargerBuffer_OnlyTheSlice()
    {
        var buffer = Encoding.UTF8.GetBytes("before[1]after");
        using var envelope = Parse(Sample.Message(1) with { Body = buffer.AsMemory(6, 3), ContentType = "application/json" });
        envelope.RootElement.GetProperty("data").GetRawText().ShouldBe("[1]");
    }

    [Fact]
    public void WriteControl_EachKind_OneLineWithItsName()
    {
        Control(SessionEvent.Of(SessionEventKind.Open, Sample.CursorAt(1))).ShouldBe(
            $$"""{"control":"open","cursor":"{{Sample.CursorAt(1)}}","receiver":"000000000000cccc"}""");
        Control(new SessionEvent(SessionEventKind.Gap, Sample.CursorAt(9), [], new Gap(4, 9, GapReasons.Dropped))).ShouldBe(
            $$"""{"control":"gap","cursor":"{{Sample.CursorAt(9)}}","from":4,"to":9,"reason":"dropped"}""");
        Control(SessionEvent.Of(SessionEventKind.Reset, Sample.CursorAt(0)) with { Reason = ResetReasons.Lost }).ShouldBe(
            $$"""{"control":"reset","cursor":"{{Sample.CursorAt(0)}}","reason":"lost"}""");
        Control(SessionEvent.Of(SessionEventKind.Replaced, Sample.CursorAt(1))).ShouldStartWith("{\"control\":\"replaced\",");
        Control(SessionEvent.Of(SessionEventKind.Draining, Sample.CursorAt(1))).ShouldStartWith("{\"control\":\"draining\",");
        Control(SessionEvent.Of(SessionEventKind.Heartbeat, Sample.CursorAt(1))).ShouldStartWith("{\"control\":\"heartbeat\",");
    }

    private static string Control(SessionEvent sessionEvent)
    {
        var output = new ArrayBufferWriter<byte>();
        EnvelopeWriter.WriteControl(output, sessionEvent);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static JsonDocument Parse(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        EnvelopeWriter.WriteMessage(output, message, Sample.Receiver);
        output.WrittenSpan.ContainsAny("\r\n"u8).ShouldBeFalse("an envelope is one line");
        return JsonDocument.Parse(output.WrittenMemory);
    }

    private static string? Member(JsonDocument envelope, string name) => envelope.RootElement.GetProperty(name).GetString();
}
