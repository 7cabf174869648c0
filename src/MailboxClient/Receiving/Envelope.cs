using System.Text.Json;

namespace Mailbox.Client.Receiving;

/// <summary>Reads the one line of JSON that a message or a control event comes as.</summary>
internal static class Envelope
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    /// <exception cref="JsonException">Not an envelope.</exception>
    public static StreamEvent Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            reader.Read();
            return Parse(ref reader, json);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new JsonException("Not an envelope.", exception);
        }
    }

    /// <param name="reader">At the object's start; afterwards at its end.</param>
    /// <param name="json">What the reader reads.</param>
    public static StreamEvent Parse(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Not an envelope.");
        }

        string? control = null, mailbox = null, id = null, cursor = null, type = null, contentType = null, reason = null, traceParent = null, traceState = null;
        DateTimeOffset? time = null;
        var (data, isText, isBase64) = (default(Range?), false, false);
        long from = 0, to = 0;
        var status = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("dataBase64"u8))
            {
                isBase64 = reader.ValueTextEquals("dataBase64"u8);
                reader.Read();
                isText = reader.TokenType == JsonTokenType.String;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                data = start..(int)reader.BytesConsumed;
                continue;
            }

            ReadOnlySpan<byte> name = reader.ValueSpan;
            reader.Read();
            switch (name)
            {
                case var _ when name.SequenceEqual("control"u8): control = reader.GetString(); break;
                case var _ when name.SequenceEqual("mailbox"u8): mailbox = reader.GetString(); break;
                case var _ when name.SequenceEqual("id"u8): id = reader.GetString(); break;
                case var _ when name.SequenceEqual("cursor"u8): cursor = reader.GetString(); break;
                case var _ when name.SequenceEqual("type"u8): type = reader.GetString(); break;
                case var _ when name.SequenceEqual("time"u8): time = reader.GetDateTimeOffset(); break;
                case var _ when name.SequenceEqual("contentType"u8): contentType = reader.GetString(); break;
                case var _ when name.SequenceEqual("traceparent"u8): traceParent = reader.GetString(); break;
                case var _ when name.SequenceEqual("tracestate"u8): traceState = reader.GetString(); break;
                case var _ when name.SequenceEqual("reason"u8): reason = reader.GetString(); break;
                case var _ when name.SequenceEqual("from"u8): from = reader.GetInt64(); break;
                case var _ when name.SequenceEqual("to"u8): to = reader.GetInt64(); break;
                case var _ when name.SequenceEqual("status"u8): status = reader.GetInt32(); break;
                default: reader.Skip(); break; // a newer server's
            }
        }

        if (control is null && (id is null || cursor is null || data is null))
        {
            throw new JsonException("Neither a message nor a control event.");
        }

        return new StreamEvent
        {
            Control = control,
            Mailbox = mailbox,
            Id = id,
            Cursor = cursor,
            Type = type,
            Time = time,
            ContentType = contentType,
            TraceParent = traceParent,
            TraceState = traceState,
            Body = data is { } range ? BodyOf(json[range], isBase64, isText && !IsJson(contentType)) : default,
            From = from,
            To = to,
            Reason = reason,
            Status = status,
        };
    }

    private static byte[] BodyOf(ReadOnlySpan<byte> token, bool isBase64, bool isText)
    {
        if (!isBase64 && !isText)
        {
            return token.ToArray();
        }

        var reader = new Utf8JsonReader(token);
        reader.Read();
        if (isBase64)
        {
            return reader.GetBytesFromBase64();
        }

        var text = new byte[token.Length];
        return text[..reader.CopyString(text)];
    }

    /// <summary>Whether a string in <c>data</c> is the JSON value itself, quotes and all.</summary>
    private static bool IsJson(string? contentType)
    {
        var mediaType = contentType.AsSpan();
        var end = mediaType.IndexOf(';');
        mediaType = (end < 0 ? mediaType : mediaType[..end]).Trim();
        return mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) ||
            mediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase) ||
            mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
