using System.Globalization;
using System.Text;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Whether what has come so far is a whole answer, or a stream that has begun.</summary>
internal static class Answers
{
    public static bool AreWhole(byte[] read)
    {
        var text = Encoding.Latin1.GetString(read);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var head = text[..end];
        if (head.StartsWith("HTTP/1.1 100", StringComparison.Ordinal))
        {
            return AreWhole(read[(end + 4)..]);
        }

        if (head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal) || head.StartsWith("HTTP/1.1 204", StringComparison.Ordinal))
        {
            return true;
        }

        if (head.Contains("text/event-stream", StringComparison.Ordinal) || head.Contains("application/x-ndjson", StringComparison.Ordinal))
        {
            return text.IndexOf('\n', end + 4) >= 0;
        }

        var length = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        if (length < 0)
        {
            return text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
        }

        var digits = head[(length + 16)..].Split('\r')[0];
        return text.Length - end - 4 >= int.Parse(digits, CultureInfo.InvariantCulture);
    }
}
