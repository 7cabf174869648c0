using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Mailbox.Mailboxes;

/// <summary>
/// A receiver's place, opaque to clients: 32 bytes in base64url, 43 characters. Byte 0 is the form (1 a place, 2 the end
/// after a takeover), bytes 1-7 the sequence, then generation, check and receiver, all big-endian.
/// </summary>
internal readonly record struct Cursor(Position Position, Identifier Receiver, bool IsTerminal = false)
{
    public const int TextLength = 43;

    private const int Size = 32;
    private const byte Place = 1;
    private const byte Terminal = 2;

    public static bool TryParse(ReadOnlySpan<char> text, out Cursor cursor)
    {
        cursor = default;
        Span<byte> utf8 = stackalloc byte[TextLength];
        Span<byte> bytes = stackalloc byte[Size + 1];
        if (text.Length != TextLength || Encoding.UTF8.GetByteCount(text) != TextLength)
        {
            return false;
        }

        Encoding.UTF8.GetBytes(text, utf8);
        if (!Base64Url.IsValid(utf8) || !Base64Url.TryDecodeFromUtf8(utf8, bytes, out var written) || written != Size ||
            bytes[0] is not (Place or Terminal))
        {
            return false;
        }

        var sequence = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) & 0x00FF_FFFF_FFFF_FFFF);
        var position = new Position(ReadIdentifier(bytes[8..]), sequence, ReadIdentifier(bytes[16..]));
        var receiver = ReadIdentifier(bytes[24..]);
        if (sequence > MessageId.MaxSequence || position.Generation.IsNone || receiver.IsNone)
        {
            return false;
        }

        cursor = new Cursor(position, receiver, bytes[0] == Terminal);
        return true;
    }

    /// <summary>Writes <see cref="TextLength"/> ASCII bytes.</summary>
    public void Write(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)Position.Sequence);
        bytes[0] = IsTerminal ? Terminal : Place;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Position.Generation.Value);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], Position.Check.Value);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], Receiver.Value);
        Base64Url.EncodeToUtf8(bytes, destination);
    }

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextLength];
        Write(text);
        return Encoding.ASCII.GetString(text);
    }

    private static Identifier ReadIdentifier(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes));
}
