using System.Text.Json;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// One thing that a client said: an object of strings. <c>{"ack":"cursor"}</c>, on a connection of several mailboxes with its
/// <c>mailbox</c>; there also <c>{"open":"mailbox","after":"cursor"}</c> and <c>{"close":"mailbox"}</c>.
/// </summary>
internal sealed record ClientFrame
{
    public Cursor? Ack { get; private set; }

    public string? Mailbox { get; private set; }

    public string? Open { get; private set; }

    public string? After { get; private set; }

    public string? Close { get; private set; }

    /// <summary>Null when this is no JSON, not an object of these strings, one comes twice, or the cursor is none.</summary>
    public static ClientFrame? Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            var frame = new ClientFrame();
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                if (!reader.Read() || reader.TokenType != JsonTokenType.String || !frame.TrySet(name, reader.GetString()!))
                {
                    return null;
                }
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? frame : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool TrySet(string? name, string value)
    {
        switch (name)
        {
            case "ack" when Ack is null && Cursor.TryParse(value, out var cursor): Ack = cursor; break;
            case "mailbox" when Mailbox is null: Mailbox = value; break;
            case "open" when Open is null: Open = value; break;
            case "after" when After is null: After = value; break;
            case "close" when Close is null: Close = value; break;
            default: return false;
        }

        return true;
    }
}
