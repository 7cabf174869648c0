using System.Text;

namespace Mailbox.TestKit;

/// <summary>A response as it came over the wire.</summary>
/// <param name="StatusLine">Empty when the server closed the connection without an answer.</param>
/// <param name="Headers">In their order, names as written.</param>
/// <param name="Body">Without its chunks' frames.</param>
public sealed record RawResponse(string StatusLine, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>0 when there was no answer.</summary>
    public int Status => StatusLine.Length == 0
        ? 0
        : int.Parse(StatusLine.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The values of one header joined by commas; null when it is absent.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }
}
