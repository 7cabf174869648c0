using System.Text.Json;

namespace Mailbox.Endpoints;

/// <summary>Counts the recipients of a delivery to many before anything is made of them: a million names fit into one body.</summary>
internal static class Recipients
{
    /// <summary>A comma and a name between quotes.</summary>
    private const int ShortestBytes = 3;

    /// <summary>Whether <c>to</c> has more entries than this. False for what is no valid object: its reader says so.</summary>
    public static bool IsOver(ReadOnlySpan<byte> json, int most)
    {
        if (json.Length / ShortestBytes <= most)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var (isIn, count) = (false, 0);
            while (reader.Read())
            {
                if (reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName })
                {
                    (isIn, count) = (reader.ValueTextEquals("to"u8), 0);
                }
                else if (isIn && reader.CurrentDepth == 2 && ++count > most)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // Told by who reads it.
        }

        return false;
    }
}
