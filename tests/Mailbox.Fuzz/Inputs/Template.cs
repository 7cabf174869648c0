using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mailbox.Fuzz.Inputs;

/// <summary>
/// What an input says instead of what only the run knows: <c>{m}</c> its mailbox, <c>{h}</c> the node, <c>{id}</c> a message's
/// id, <c>{foreign}</c> another mailbox's cursor, <c>{length}</c> the length of the body, <c>{cursor}</c> the mailbox's, and
/// <c>{cursor:8:ff:31:00}</c> the same with these of its 32 bytes changed.
/// </summary>
internal static partial class Template
{
    public static byte[] Fill(ReadOnlySpan<byte> bytes, Subject subject, Uri node)
    {
        var text = Place().Replace(Encoding.Latin1.GetString(bytes), match => match.Groups[1].Value switch
        {
            "m" => subject.Name,
            "h" => node.Authority,
            "id" => subject.Id,
            "foreign" => subject.Foreign,
            "cursor" => Changed(subject.Cursor, match.Groups[2].Value),
            _ => match.Value,
        });
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var length = end < 0 ? 0 : text.Length - end - 4;
        return Encoding.Latin1.GetBytes(text.Replace("{length}", length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    private static string Changed(string cursor, string changes)
    {
        var bytes = Base64Url.DecodeFromChars(cursor);
        var parts = changes.Split(':', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i + 1 < parts.Length; i += 2)
        {
            bytes[int.Parse(parts[i], CultureInfo.InvariantCulture) % bytes.Length] =
                byte.Parse(parts[i + 1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return Base64Url.EncodeToString(bytes);
    }

    [GeneratedRegex(@"\{(m|h|id|foreign|cursor)((?::\d{1,2}:[0-9a-f]{2})*)\}")]
    private static partial Regex Place();
}
