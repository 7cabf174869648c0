using System.Text.Json;
using System.Text.Unicode;

namespace Mailbox.Mailboxes;

/// <summary>How a body stands in a JSON envelope.</summary>
internal enum BodyForm
{
    /// <summary>Valid JSON under a JSON content type: the value itself.</summary>
    Json,

    /// <summary>UTF-8 under any other content type, or none: a string.</summary>
    Text,

    /// <summary>Anything else, and what only claims to be JSON: base64.</summary>
    Binary,
}

/// <summary>
/// Decides a body's form from what was stored at delivery and nothing else, so that it is the same for every receiver
/// and every time. A bare delivery has no content type and so is never JSON.
/// </summary>
internal static class BodyForms
{
    /// <summary>
    /// Common readers stop at a depth of 64, and an answer to a long-poll or a peek puts three levels around the body: what
    /// is deeper comes as base64, or its receiver could never read past it.
    /// </summary>
    private const int MaxDepth = 60;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    public static BodyForm Of(string? contentType, ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return BodyForm.Binary;
        }

        if (contentType is null || !IsJsonType(contentType))
        {
            return BodyForm.Text;
        }

        // A string there would look like the JSON string of the same text: abc like "abc".
        return IsJson(body) ? BodyForm.Json : BodyForm.Binary;
    }

    /// <summary><c>application/json</c>, <c>text/json</c> and every type with the suffix <c>+json</c> (RFC 6839).</summary>
    public static bool IsJsonType(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        var type = (end < 0 ? contentType : contentType[..end]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) ||
            type.Equals("text/json", StringComparison.OrdinalIgnoreCase) ||
            type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Strict);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
