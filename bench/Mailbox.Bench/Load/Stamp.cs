namespace Mailbox.Bench.Load;

/// <summary>
/// What every body begins with: a sign that occurs in no stream but there, when the message was sent or should have been,
/// its mailbox, and its number in it. The rest is filled up to the length, and ends with another sign.
/// </summary>
internal readonly record struct Stamp(long Time, int Mailbox, int Number)
{
    public const int Length = 33;
    public const byte Begin = (byte)'@';
    public const byte End = (byte)'~';

    /// <summary>The mailbox of a message that goes to many.</summary>
    public const int Any = -1;

    private const byte Filling = (byte)'x';

    public void Write(Span<byte> body)
    {
        body[0] = Begin;
        WriteHex(body[1..17], (ulong)Time);
        WriteHex(body[17..25], (uint)Mailbox);
        WriteHex(body[25..33], (uint)Number);
        body[33..^1].Fill(Filling);
        body[^1] = End;
    }

    public static Stamp Read(ReadOnlySpan<byte> bytes) =>
        new((long)ReadHex(bytes[1..17]), (int)ReadHex(bytes[17..25]), (int)ReadHex(bytes[25..33]));

    /// <returns>-1 for what is no hexadecimal digit.</returns>
    public static int ValueOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };

    private static void WriteHex(Span<byte> digits, ulong value)
    {
        for (var i = digits.Length - 1; i >= 0; i--, value >>= 4)
        {
            digits[i] = "0123456789abcdef"u8[(int)(value & 15)];
        }
    }

    private static ulong ReadHex(ReadOnlySpan<byte> digits)
    {
        var value = 0UL;
        foreach (var digit in digits)
        {
            value = (value << 4) | (uint)ValueOf(digit);
        }

        return value;
    }
}
