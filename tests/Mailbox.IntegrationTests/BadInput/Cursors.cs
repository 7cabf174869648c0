using System.Buffers.Binary;
using System.Buffers.Text;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>Cursors as nobody was given them: a real one, taken apart and put together with one part changed.</summary>
internal static class Cursors
{
    public const long MaxSequence = 99_999_999_999_999;

    /// <summary>One that is well-formed and names nothing that ever was.</summary>
    public static string Made { get; } = Text(
        [1, 0, 0, 0, 0, 0, 0, 5, .. "generati"u8, .. "chckchck"u8, .. "receiver"u8]);

    public static long SequenceOf(string cursor) => BinaryPrimitives.ReadInt64BigEndian(Bytes(cursor)) & 0x00FF_FFFF_FFFF_FFFF;

    public static string WithForm(string cursor, byte form) => With(cursor, bytes => bytes[0] = form);

    public static string WithSequence(string cursor, long sequence) => With(cursor, bytes =>
    {
        var form = bytes[0];
        BinaryPrimitives.WriteInt64BigEndian(bytes, sequence);
        bytes[0] = form;
    });

    public static string WithGeneration(string cursor, ulong generation) =>
        With(cursor, bytes => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), generation));

    public static string WithCheck(string cursor, ulong check) =>
        With(cursor, bytes => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), check));

    public static string WithReceiver(string cursor, ulong receiver) =>
        With(cursor, bytes => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), receiver));

    private static string With(string cursor, Action<byte[]> change)
    {
        var bytes = Bytes(cursor);
        change(bytes);
        return Text(bytes);
    }

    private static byte[] Bytes(string cursor) => Base64Url.DecodeFromChars(cursor);

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
