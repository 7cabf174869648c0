using System.Buffers.Text;

namespace Mailbox.Client.Receiving;

/// <summary>
/// All that a client reads of a cursor: whose it is. It ends with its receiver, which the URL of several mailboxes has to name, and
/// cursors of another are refused.
/// </summary>
internal static class CursorText
{
    private const int Length = 43;
    private const int Bytes = 32;
    private const int ReceiverAt = 24;

    /// <param name="after">Cursors or <c>now</c>, by mailbox.</param>
    /// <param name="receiver">Theirs; null when there is no cursor.</param>
    /// <returns>A copy.</returns>
    /// <exception cref="ArgumentException">Not a mailbox, not a cursor, or cursors of several receivers.</exception>
    public static Dictionary<string, string> Check(IReadOnlyDictionary<string, string>? after, out string? receiver)
    {
        var copy = new Dictionary<string, string>(StringComparer.Ordinal);
        receiver = null;
        foreach (var (mailbox, place) in after ?? copy)
        {
            MailboxClient.CheckName(mailbox);
            copy[mailbox] = place;
            if (place is "now")
            {
                continue;
            }

            var its = ReceiverOf(place) ?? throw new ArgumentException("A place to begin after is a cursor, or now.", nameof(after));
            receiver = receiver is null || receiver == its ? its : throw new ArgumentException("The cursors are of several receivers.", nameof(after));
        }

        return copy;
    }

    /// <summary>As the server writes it, 16 hex digits; null of what is no cursor.</summary>
    public static string? ReceiverOf(string? cursor)
    {
        Span<byte> bytes = stackalloc byte[Bytes + 1];
        return cursor?.Length == Length && Base64Url.IsValid(cursor) &&
            Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written == Bytes
                ? Convert.ToHexStringLower(bytes[ReceiverAt..Bytes])
                : null;
    }
}
