using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// Writes the event stream format (WHATWG HTML, section 9.2.6). A field's value ends at CR, LF or CRLF, so every line of a
/// text body becomes a <c>data:</c> line of its own, and what is not UTF-8 comes as an envelope.
/// </summary>
internal static class SseWriter
{
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    public static void WriteMessage(IBufferWriter<byte> output, Message message, Identifier receiver, bool asEnvelope)
    {
        WriteId(output, new Cursor(message.Position, receiver));
        var isText = !asEnvelope && Utf8.IsValid(message.Body.Span);
        if (isText)
        {
            if (message.Type is not null)
            {
                WriteField(output, "event: "u8, message.Type);
            }

            WriteData(output, message.Body.Span);
        }
        else
        {
            if (!asEnvelope)
            {
                WriteField(output, "event: "u8, ControlEvents.Binary);
            }

            output.Write("data: "u8);
            EnvelopeWriter.WriteMessage(output, message, receiver);
            output.Write("\n"u8);
        }

        output.Write("\n"u8);
    }

    public static void WriteControl(IBufferWriter<byte> output, SessionEvent sessionEvent)
    {
        if (sessionEvent.Seat is null)
        {
            WriteId(output, sessionEvent.Cursor);
        }
        else if (sessionEvent.Seat.Places is { IsComplete: true } places)
        {
            WriteId(output, places);
        }

        WriteField(output, "event: "u8, ControlEvents.Prefix + EnvelopeWriter.NameOf(sessionEvent.Kind));
        output.Write("data: "u8);
        EnvelopeWriter.WriteControl(output, sessionEvent);
        output.Write("\n\n"u8);
    }

    /// <summary>A passing refusal, told in a way that an EventSource survives: a status other than 200 ends it for good.</summary>
    public static void WriteUnavailable(IBufferWriter<byte> output, int status, string reason)
    {
        WriteField(output, "event: "u8, ControlEvents.Prefix + ControlEvents.Unavailable);
        WriteField(output, "data: "u8, $$"""{"control":"unavailable","status":{{status}},"reason":"{{reason}}"}""");
        output.Write("\n"u8);
    }

    public static void WriteRetry(IBufferWriter<byte> output, int milliseconds)
    {
        output.Write("retry: "u8);
        Utf8Formatter.TryFormat(milliseconds, output.GetSpan(11), out var written);
        output.Advance(written);
        output.Write("\n"u8);
    }

    /// <summary>A comment: keeps the connection's middle boxes from closing it, and no client sees it.</summary>
    public static void WriteHeartbeat(IBufferWriter<byte> output) => output.Write(":\n\n"u8);

    public static void WriteId(IBufferWriter<byte> output, SessionPlaces places)
    {
        output.Write("id: "u8);
        output.Write(places.Text());
        output.Write("\n"u8);
    }

    private static void WriteId(IBufferWriter<byte> output, Cursor cursor)
    {
        output.Write("id: "u8);
        cursor.Write(output.GetSpan(Cursor.TextLength));
        output.Advance(Cursor.TextLength);
        output.Write("\n"u8);
    }

    private static void WriteField(IBufferWriter<byte> output, ReadOnlySpan<byte> field, string value)
    {
        output.Write(field);
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length));
        output.Advance(Encoding.UTF8.GetBytes(value, span));
        output.Write("\n"u8);
    }

    private static void WriteData(IBufferWriter<byte> output, ReadOnlySpan<byte> body)
    {
        while (true)
        {
            var end = body.IndexOfAny(LineEnds);
            output.Write("data: "u8);
            output.Write(end < 0 ? body : body[..end]);
            output.Write("\n"u8);
            if (end < 0)
            {
                return;
            }

            var isPair = body[end] == '\r' && end + 1 < body.Length && body[end + 1] == '\n';
            body = body[(end + (isPair ? 2 : 1))..];
        }
    }
}
