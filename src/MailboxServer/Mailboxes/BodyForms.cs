using System.Text.Json;
using System.Text.Unicode;

namespace Mailbox.Mailboxes;

/// <summary>How a body stands in a JSON envelope.</summary>
internal enum BodyForm
{
    /// <summary>Valid JSON under a JSON content type: the value itself.</summary>
    Json,

    /// <summary>UTF-8: a string.</summary>
    Text,

    /// <summary>Anything else: base64.</summary>
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
    /// is deeper comes as a string, or its receiver could never read past it.
    /// </summary>
    private const int MaxDepth = 60;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    public static BodyForm Of(string? contentType, ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return BodyForm.Binary;
        }

        return contentType is not null && IsJsonType(contentType) && IsJson(body) ? BodyForm.Json : BodyForm.Text;
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
