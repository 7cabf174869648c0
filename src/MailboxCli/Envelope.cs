using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mailbox.Cli;

/// <summary>Reads and writes the JSON envelope of docs/protocol.md.</summary>
internal static class Envelope
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // What is text for people stays so; a terminal never sees these lines unless it is asked for.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="JsonException">Not an envelope.</exception>
    public static Incoming Parse(JsonElement json)
    {
        try
        {
            return Read(json);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new JsonException("Not an envelope.", exception); // something is of another type
        }
    }

    /// <summary>The envelope on one line.</summary>
    public static string Write(Incoming message)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Writing))
        {
            writer.WriteStartObject();
            Add("id", message.Id);
            Add("cursor", message.Cursor);
            Add("mailbox", message.Mailbox);
            Add("type", message.Type);
            AddMoment("time", message.Time);
            AddMoment("expires", message.Expires);
            Add("contentType", message.ContentType);
            if (message.IsJson)
            {
                writer.WritePropertyName("data");
                using var value = JsonDocument.Parse(message.Body);
                value.RootElement.WriteTo(writer);
            }
            else if (TextOf(message.Body) is { } text)
            {
                writer.WriteString("data", text);
            }
            else
            {
                writer.WriteBase64String("dataBase64", message.Body.Span);
            }

            writer.WriteEndObject();

            void Add(string name, string? value)
            {
                if (value is not null)
                {
                    writer.WriteString(name, value);
                }
            }

            void AddMoment(string name, DateTimeOffset? value)
            {
                if (value is not null)
                {
                    writer.WriteString(name, value.Value);
                }
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Null when it is not UTF-8.</summary>
    public static string? TextOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Strict.GetString(body.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static Incoming Read(JsonElement json)
    {
        var hasData = json.TryGetProperty("data", out var data);
        var isText = hasData && data.ValueKind == JsonValueKind.String;
        return new Incoming
        {
            Control = Text("control"),
            Mailbox = Text("mailbox"),
            Places = Text("places"),
            From = Number("from"),
            To = Number("to"),
            Reason = Text("reason"),
            Id = Text("id"),
            Cursor = Text("cursor"),
            Type = Text("type"),
            Time = Moment("time"),
            Expires = Moment("expires"),
            ContentType = Text("contentType"),
            IsJson = hasData && !isText,
            Body = isText ? Encoding.UTF8.GetBytes(data.GetString()!)
                : hasData ? Encoding.UTF8.GetBytes(data.GetRawText())
                : json.TryGetProperty("dataBase64", out var base64) ? base64.GetBytesFromBase64()
                : default(ReadOnlyMemory<byte>),
        };

        string? Text(string name) =>
            json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        long Number(string name) => json.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;

        DateTimeOffset? Moment(string name) =>
            json.TryGetProperty(name, out var value) && value.TryGetDateTimeOffset(out var moment) ? moment : null;
    }
}
