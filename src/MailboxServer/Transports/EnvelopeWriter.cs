using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// Writes messages and control events as one line of JSON: <c>{id,cursor,type,time,contentType,data}</c>, with
/// <c>dataBase64</c> instead of <c>data</c> for a body that is not UTF-8; control events as <c>{control,…}</c>. On a connection of
/// several mailboxes each has a <c>mailbox</c>, and where the stream has no <c>id:</c> for them the <c>places</c> in all of them.
/// </summary>
internal static class EnvelopeWriter
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);
    private static readonly ArrayBufferWriter<byte> Nowhere = new();

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    public static void WriteMessage(
        IBufferWriter<byte> output, Message message, Identifier receiver, SessionSeat? seat = null, bool withPlaces = false)
    {
        var json = _json ??= new Utf8JsonWriter(Nowhere, Options);
        json.Reset(output);
        WriteMessage(json, message, receiver, seat, withPlaces);
        json.Flush();
        json.Reset(Nowhere); // or the thread would hold on to a connection that may be over
    }

    public static void WriteControl(IBufferWriter<byte> output, SessionEvent sessionEvent, bool withPlaces = false)
    {
        using var json = new Utf8JsonWriter(output, Options);
        WriteControl(json, sessionEvent, withPlaces);
    }

    public static void WriteMessage(
        Utf8JsonWriter json, Message message, Identifier receiver, SessionSeat? seat = null, bool withPlaces = false)
    {
        json.WriteStartObject();
        WriteId(json, message.Id);
        WriteCursor(json, new Cursor(message.Position, receiver));
        WriteSeat(json, seat, withPlaces);
        if (message.Type is not null)
        {
            json.WriteString("type"u8, message.Type);
        }

        if (message.Time is { } time)
        {
            WriteTime(json, "time"u8, time);
        }

        if (message.ContentType is not null)
        {
            json.WriteString("contentType"u8, message.ContentType);
        }

        if (message.Trace is { } trace)
        {
            json.WriteString("traceparent"u8, trace.Parent);
            if (trace.State is not null)
            {
                json.WriteString("tracestate"u8, trace.State);
            }
        }

        WriteBody(json, message);
        json.WriteEndObject();
    }

    public static void WriteControl(Utf8JsonWriter json, SessionEvent sessionEvent, bool withPlaces = false)
    {
        json.WriteStartObject();
        json.WriteString("control"u8, NameOf(sessionEvent.Kind));
        if (!sessionEvent.Cursor.Receiver.IsNone)
        {
            WriteCursor(json, sessionEvent.Cursor);
        }

        WriteSeat(json, sessionEvent.Seat, withPlaces);
        switch (sessionEvent.Kind)
        {
            case SessionEventKind.Open:
                json.WriteString("receiver"u8, sessionEvent.Cursor.Receiver.ToString());
                break;
            case SessionEventKind.Gap:
                json.WriteNumber("from"u8, sessionEvent.Gap.From);
                json.WriteNumber("to"u8, sessionEvent.Gap.To);
                json.WriteString("reason"u8, sessionEvent.Gap.Reason);
                break;
            case SessionEventKind.Reset or SessionEventKind.Closed or SessionEventKind.Refused:
                json.WriteString("reason"u8, sessionEvent.Reason);
                break;
        }

        json.WriteEndObject();
    }

    public static string NameOf(SessionEventKind kind) => kind switch
    {
        SessionEventKind.Open => ControlEvents.Open,
        SessionEventKind.Gap => ControlEvents.Gap,
        SessionEventKind.Reset => ControlEvents.Reset,
        SessionEventKind.Replaced => ControlEvents.Replaced,
        SessionEventKind.Draining => ControlEvents.Draining,
        SessionEventKind.Unauthorized => ControlEvents.Unauthorized,
        SessionEventKind.Closed => ControlEvents.Closed,
        SessionEventKind.Refused => ControlEvents.Refused,
        _ => ControlEvents.Heartbeat,
    };

    /// <summary>The body as <c>data</c> or <c>dataBase64</c>.</summary>
    public static void WriteBody(Utf8JsonWriter json, Message message)
    {
        var body = message.Body.Span;
        switch (BodyForms.Of(message.ContentType, body))
        {
            case BodyForm.Json:
                json.WritePropertyName("data"u8);
                WriteOnOneLine(json, body);
                break;
            case BodyForm.Text:
                json.WriteString("data"u8, body);
                break;
            default:
                json.WriteBase64String("dataBase64"u8, body);
                break;
        }
    }

    /// <summary>
    /// A line end in valid JSON is white space between tokens; in a stream of lines it would end the envelope. So would, to
    /// readers that split at every line end of Unicode (node's readline, Python's splitlines), U+0085, U+2028 and U+2029 in
    /// a string: they come escaped, which is the same value, as in every string that the writer itself encodes.
    /// </summary>
    private static void WriteOnOneLine(Utf8JsonWriter json, ReadOnlySpan<byte> body)
    {
        var hasSeparators = body.IndexOf("\u2028"u8) >= 0 || body.IndexOf("\u2029"u8) >= 0 || body.IndexOf("\u0085"u8) >= 0;
        if (!hasSeparators && !body.ContainsAny(LineEnds))
        {
            json.WriteRawValue(body, skipInputValidation: true);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(body.Length * 3); // two bytes become six
        var length = 0;
        while (!body.IsEmpty)
        {
            var separator = hasSeparators ? EscapeOf(body) : default;
            if (!separator.IsEmpty)
            {
                separator.CopyTo(rented.AsSpan(length));
                length += separator.Length;
                body = body[(body[0] == 0xC2 ? 2 : 3)..];
                continue;
            }

            if (body[0] is not ((byte)'\r' or (byte)'\n'))
            {
                rented[length++] = body[0];
            }

            body = body[1..];
        }

        json.WriteRawValue(rented.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Of the separator that this begins with; empty when it begins with none.</summary>
    private static ReadOnlySpan<byte> EscapeOf(ReadOnlySpan<byte> body) => body switch
    {
        [0xE2, 0x80, 0xA8, ..] => "\\u2028"u8,
        [0xE2, 0x80, 0xA9, ..] => "\\u2029"u8,
        [0xC2, 0x85, ..] => "\\u0085"u8,
        _ => default,
    };

    private static void WriteId(Utf8JsonWriter json, MessageId id)
    {
        Span<byte> text = stackalloc byte[MessageId.MostTextLength];
        json.WriteString("id"u8, text[..id.Write(text)]);
    }

    private static void WriteCursor(Utf8JsonWriter json, Cursor cursor)
    {
        Span<byte> text = stackalloc byte[Cursor.TextLength];
        cursor.Write(text);
        json.WriteString("cursor"u8, text);
    }

    private static void WriteSeat(Utf8JsonWriter json, SessionSeat? seat, bool withPlaces)
    {
        if (seat?.Mailbox is { } mailbox)
        {
            json.WriteString("mailbox"u8, mailbox);
        }

        if (withPlaces && seat?.Places is { IsComplete: true } places)
        {
            json.WriteString("places"u8, places.Text());
        }
    }

    /// <summary>RFC 3339, in UTC, to the millisecond.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }
}
