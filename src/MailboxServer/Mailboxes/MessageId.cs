using System.Globalization;
using System.Text.Unicode;

namespace Mailbox.Mailboxes;

/// <summary>Names one message for ever: <c>generation-sequence</c>. It is not a cursor: it knows no receiver and no check.</summary>
internal readonly record struct MessageId(Identifier Generation, long Sequence)
{
    /// <summary>Beyond this a sequence cannot be told apart in Lua 5.1's text form of a number.</summary>
    public const long MaxSequence = 99_999_999_999_999;

    /// <summary>Room for every id that there can be.</summary>
    public const int MostTextLength = Identifier.TextLength + 1 + 14;

    /// <summary>Takes the one text that <see cref="ToString"/> gives: a message has no second name.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MessageId id)
    {
        id = default;
        if (text.Length < Identifier.TextLength + 2 || text[Identifier.TextLength] != '-' ||
            !Identifier.TryParse(text[..Identifier.TextLength], out var generation) || generation.IsNone)
        {
            return false;
        }

        var digits = text[(Identifier.TextLength + 1)..];
        if (digits[0] == '0' || digits.ContainsAnyExceptInRange('0', '9') ||
            !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) || sequence > MaxSequence)
        {
            return false;
        }

        id = new MessageId(generation, sequence);
        return true;
    }

    /// <summary>Writes the same text in ASCII, and tells its length.</summary>
    public int Write(Span<byte> destination)
    {
        Utf8.TryWrite(destination, CultureInfo.InvariantCulture, $"{Generation.Value:x16}-{Sequence}", out var length);
        return length;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Generation}-{Sequence}");
}
