using System.Buffers;
using System.Text.Json;

namespace Mailbox.Client.Sending;

/// <summary>Messages as lines of JSON. Bodies go in base64: every byte arrives, whatever the content type.</summary>
internal static class Lines
{
    public static byte[] Of(IReadOnlyList<Outgoing> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        foreach (var message in messages)
        {
            Write(buffer, [message.Mailbox], message);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The same message for all.</summary>
    public static byte[] OfOne(IReadOnlyList<string> mailboxes, Outgoing message)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        Write(buffer, mailboxes, message);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> buffer, IReadOnlyList<string> mailboxes, Outgoing message)
    {
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("to"u8);
            foreach (var mailbox in mailboxes)
            {
                json.WriteStringValue(mailbox);
            }

            json.WriteEndArray();
            json.WriteBase64String("dataBase64"u8, message.Body.Span);
            WriteIfAny(json, "contentType", message.Options.ContentType);
            WriteIfAny(json, "type", message.Options.Type);
            WriteIfAny(json, "topic", message.Options.Topic);
            WriteIfAny(json, "idempotencyKey", message.Key);
            if (message.Options.Seconds is { } seconds)
            {
                json.WriteNumber("ttl"u8, seconds);
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
