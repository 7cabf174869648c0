using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;
using MailboxServer.Tests.Mailboxes;

namespace MailboxServer.Tests.Transports;

public partial class SseWriterTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void WriteMessage_AnyText_ArrivesWithItsLineEndsNormalisedAndNothingElseChanged()
    {
        var bodies = Bodies.Texts(seed: 11, count: 3_000).ToList();
        for (var i = 0; i < bodies.Count; i++)
        {
            Write(Sample.Message(i + 1, bodies[i]));
        }

        var stream = Read();
        stream.Ignored.ShouldBeEmpty();
        stream.Comments.ShouldBeEmpty("no part of a body may become a line of its own");
        stream.ReconnectionTime.ShouldBeNull();
        stream.Events.Count.ShouldBe(bodies.Count);
        for (var i = 0; i < bodies.Count; i++)
        {
            var dispatched = stream.Events[i];
            dispatched.Data.ShouldBe(AnyLineEnd().Replace(bodies[i], "\n"), $"body {i}");
            dispatched.Type.ShouldBe("message");
            dispatched.LastEventId.ShouldBe(Sample.CursorAt(i + 1).ToString());
        }
    }

    [Fact]
    public void WriteMessage_FirstInItsStreamWithAByteOrderMark_TheMarkStays()
    {
        // Only a mark at the very beginning of a stream is eaten, and there the `id:` stands.
        Write(Sample.Message(1, "\uFEFFbody"));
        Read().Events.ShouldHaveSingleItem().Data.ShouldBe("\uFEFFbody");
    }

    [Fact]
    public void WriteMessage_WithAType_IsThatEvent()
    {
        Write(Sample.Message(1, "a") with { Type = "order.created" });
        Write(Sample.Message(2, "b"));
        Read().Events.Select(dispatched => dispatched.Type).ShouldBe(["order.created", "message"]);
    }

    [Fact]
    public void WriteMessage_NotUtf8_BinaryEventWithEveryByte()
    {
        var bodies = Bodies.Binaries(seed: 12, count: 500).ToList();
        for (var i = 0; i < bodies.Count; i++)
        {
            Write(Sample.Message(i + 1) with { Body = bodies[i], Type = "image", ContentType = "application/json" });
        }

        var events = Read().Events;
        events.Count.ShouldBe(bodies.Count);
        for (var i = 0; i < bodies.Count; i++)
        {
            events[i].Type.ShouldBe(ControlEvents.Binary);
            using var envelope = JsonDocument.Parse(events[i].Data);
            envelope.RootElement.GetProperty("dataBase64").GetBytesFromBase64().ShouldBe(bodies[i]);
            envelope.RootElement.TryGetProperty("data", out _).ShouldBeFalse();
            envelope.RootElement.GetProperty("type").GetString().ShouldBe("image");
            envelope.RootElement.GetProperty("cursor").GetString().ShouldBe(events[i].LastEventId);
        }
    }

    [Fact]
    public void WriteMessage_AsEnvelope_OneDataLineWithoutAnEventNameAndTheTextByteForByte()
    {
        var bodies = Bodies.Texts(seed: 13, count: 1_000).ToList();
        foreach (var body in bodies) Write(Sample.Message(7, body) with { Type = "note" }, asEnvelope: true);

        var stream = Read();
        stream.Ignored.ShouldBeEmpty();
        stream.Events.Count.ShouldBe(bodies.Count);
        for (var i = 0; i < bodies.Count; i++)
        {
            stream.Events[i].Type.ShouldBe("message");
            stream.Events[i].Data.ShouldNotContain("\n");
            stream.Events[i].LastEventId.ShouldBe(Sample.CursorAt(7).ToString());
            using var envelope = JsonDocument.Parse(stream.Events[i].Data);
            envelope.RootElement.GetProperty("data").GetString().ShouldBe(bodies[i], $"body {i}");
        }
    }

    [Fact]
    public void WriteControl_EachKind_NamedEventWithItsCursor()
    {
        Write(SessionEvent.Of(SessionEventKind.Open, Sample.CursorAt(3)));
        Write(new SessionEvent(SessionEventKind.Gap, Sample.CursorAt(9), [], new Gap(4, 9, GapReasons.Window)));
        Write(SessionEvent.Of(SessionEventKind.Reset, Sample.CursorAt(0)));
        Write(SessionEvent.Of(SessionEventKind.Replaced, Sample.CursorAt(9) with { IsTerminal = true }));
        Write(SessionEvent.Of(SessionEventKind.Draining, Sample.CursorAt(9)));

        var events = Read().Events;
        events.Select(dispatched => dispatched.Type).ShouldBe(
            ["mailbox.open", "mailbox.gap", "mailbox.reset", "mailbox.replaced", "mailbox.draining"]);
        foreach (var dispatched in events)
        {
            using var json = JsonDocument.Parse(dispatched.Data);
            ("mailbox." + json.RootElement.GetProperty("control").GetString()).ShouldBe(dispatched.Type);
            json.RootElement.GetProperty("cursor").GetString().ShouldBe(dispatched.LastEventId);
        }

        Cursor.TryParse(events[3].LastEventId, out var terminal).ShouldBeTrue();
        terminal.IsTerminal.ShouldBeTrue("the reconnect that presents it is the one that is answered 204");
        using var gap = JsonDocument.Parse(events[1].Data);
        gap.RootElement.GetProperty("from").GetInt64().ShouldBe(4);
        gap.RootElement.GetProperty("to").GetInt64().ShouldBe(9);
        gap.RootElement.GetProperty("reason").GetString().ShouldBe("window");
    }

    [Fact]
    public void WriteUnavailable_Refusal_EventThatLeavesThePlaceAlone()
    {
        Write(SessionEvent.Of(SessionEventKind.Open, Sample.CursorAt(3)));
        SseWriter.WriteRetry(_output, 2_345);
        SseWriter.WriteUnavailable(_output, 503, "store-unavailable");
        var stream = Read();
        stream.ReconnectionTime.ShouldBe(2_345);
        var refused = stream.Events[^1];
        refused.Type.ShouldBe("mailbox.unavailable");
        refused.LastEventId.ShouldBe(Sample.CursorAt(3).ToString());
        using var json = JsonDocument.Parse(refused.Data);
        json.RootElement.GetProperty("status").GetInt32().ShouldBe(503);
        json.RootElement.GetProperty("reason").GetString().ShouldBe("store-unavailable");
    }

    [Fact]
    public void WriteHeartbeat_BetweenMessages_NoEventAndNoOtherPlace()
    {
        Write(Sample.Message(1, "a"));
        SseWriter.WriteHeartbeat(_output);
        Write(Sample.Message(2, "b"));
        var stream = Read();
        stream.Comments.Count.ShouldBe(1);
        stream.Events.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(int.MaxValue)]
    public void WriteRetry_Milliseconds_Digits(int milliseconds)
    {
        SseWriter.WriteRetry(_output, milliseconds);
        EventStream.Interpret(_output.WrittenSpan).ReconnectionTime.ShouldBe(milliseconds);
    }

    private void Write(Message message, bool asEnvelope = false) =>
        SseWriter.WriteMessage(_output, message, Sample.Receiver, asEnvelope);

    private void Write(SessionEvent sessionEvent) => SseWriter.WriteControl(_output, sessionEvent);

    private EventStream Read() => EventStream.Interpret(_output.WrittenSpan);

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex AnyLineEnd();
}
