using System.Buffers.Text;
using System.Text;
using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// Reads what a wake carries: byte 0x02, then epoch, owner, generation, sequence and the check of the entry before, each
/// but the last followed by a space, a line feed, and the entry as the list has it. Anything else is a wake and no more.
/// </summary>
internal static class CarriedDecoder
{
    private const byte Mark = 2;

    public static Carried? Decode(byte[]? content)
    {
        if (content is not { Length: > 1 } || content[0] != Mark)
        {
            return null;
        }

        var rest = content.AsSpan(1);
        if (!TryReadNumber(ref rest, out var epoch) || !TryReadIdentifier(ref rest, ' ', out var owner) ||
            !TryReadIdentifier(ref rest, ' ', out var generation) || !TryReadNumber(ref rest, out var sequence) ||
            !TryReadIdentifier(ref rest, '\n', out var before))
        {
            return null;
        }

        var entry = EntryDecoder.Decode(content.AsMemory(content.Length - rest.Length), generation, sequence, DateTimeOffset.MinValue);
        return entry.Message is { } message
            ? new Carried(new Fence(epoch, owner), new Position(generation, sequence - 1, before), message)
            : null;
    }

    private static bool TryReadNumber(ref Span<byte> rest, out long number)
    {
        if (!Utf8Parser.TryParse(rest, out number, out var length) || number is < 1 or > MessageId.MaxSequence ||
            length >= rest.Length || rest[length] != ' ')
        {
            return false;
        }

        rest = rest[(length + 1)..];
        return true;
    }

    private static bool TryReadIdentifier(ref Span<byte> rest, char end, out Identifier identifier)
    {
        identifier = default;
        if (rest.Length <= Identifier.TextLength || rest[Identifier.TextLength] != end)
        {
            return false;
        }

        Span<char> text = stackalloc char[Identifier.TextLength];
        Encoding.Latin1.GetChars(rest[..Identifier.TextLength], text);
        rest = rest[(Identifier.TextLength + 1)..];
        return Identifier.TryParse(text, out identifier);
    }
}
