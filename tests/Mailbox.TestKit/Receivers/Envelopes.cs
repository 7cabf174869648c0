using System.Text;
using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>
/// Reads what the JSON transports carry: <c>{id,cursor,type,time,contentType,data|dataBase64}</c> and
/// <c>{control,cursor,…}</c>.
/// </summary>
internal static class Envelopes
{
    public const string Heartbeat = "heartbeat";

    public static ReceivedEvent Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            var root = JsonElement.ParseValue(ref reader);
            return reader.BytesConsumed == json.Length || json[(int)reader.BytesConsumed..].Trim(" \t\r\n"u8).IsEmpty
                ? Parse(root)
                : throw new JsonException("Something follows the value.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"Not an envelope: {Encoding.UTF8.GetString(json)}", exception);
        }
    }

    public static ReceivedEvent Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"Not an envelope: {root.GetRawText()}");
        }

        if (TextOf(root, "control") is { } control)
        {
            return ControlOf(control, root, TextOf(root, "cursor"));
        }

        var contentType = TextOf(root, "contentType");
        return new ReceivedEvent(ReceivedKind.Message)
        {
            Id = TextOf(root, "id") ?? throw new FormatException($"A message without an id: {root.GetRawText()}"),
            Cursor = TextOf(root, "cursor"),
            Type = TextOf(root, "type"),
            ContentType = contentType,
            Body = BodyOf(root, contentType),
            Json = root,
            Mailbox = TextOf(root, "mailbox"),
            Places = TextOf(root, "places"),
        };
    }

    public static ReceivedEvent ControlOf(string control, JsonElement? payload, string? cursor) =>
        new(ReceivedKind.Control)
        {
            Control = control,
            Json = payload,
            Cursor = cursor,
            Mailbox = payload is { } named ? TextOf(named, "mailbox") : null,
            Places = payload is { } placed ? TextOf(placed, "places") : null,
        };

    public static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] BodyOf(JsonElement root, string? contentType)
    {
        if (root.TryGetProperty("dataBase64", out var base64))
        {
            return base64.GetBytesFromBase64();
        }

        if (!root.TryGetProperty("data", out var data))
        {
            throw new FormatException($"A message without data: {root.GetRawText()}");
        }

        // Under a JSON content type a string is a JSON string. (A body that claims JSON and is none comes as a string too:
        // the envelope does not tell the two apart.)
        return Encoding.UTF8.GetBytes(
            data.ValueKind == JsonValueKind.String && !IsJsonType(contentType) ? data.GetString()! : data.GetRawText());
    }

    private static bool IsJsonType(string? contentType)
    {
        var type = contentType?.Split(';')[0].Trim() ?? "";
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) ||
            type.Equals("text/json", StringComparison.OrdinalIgnoreCase) ||
            type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
