using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mailbox.Mailboxes;

/// <summary>
/// 64 random bits, written as 16 lower-case hex digits: generations, checks, receivers, owner tokens. Zero is none.
/// </summary>
internal readonly record struct Identifier(ulong Value)
{
    public const int TextLength = 16;

    // A number parser would also take upper case, and NUL characters at the end.
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private const int RandomAhead = 64;

    [ThreadStatic]
    private static ulong[]? _ahead;

    [ThreadStatic]
    private static int _left;

    public static Identifier None => default;

    public bool IsNone => Value == 0;

    /// <summary>From the system's cryptographic randomness: two nodes never give the same.</summary>
    public static Identifier Random()
    {
        ulong value;
        do
        {
            value = NextRandom();
        }
        while (value == 0);
        return new Identifier(value);
    }

    /// <summary>Takes exactly 16 lower-case hex digits; empty text is <see cref="None"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Identifier identifier)
    {
        identifier = default;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.Length != TextLength || text.ContainsAnyExcept(Digits))
        {
            return false;
        }

        identifier = new Identifier(ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>A call to the system's randomness costs much the same for one number as for many.</summary>
    private static ulong NextRandom()
    {
        var ahead = _ahead ??= new ulong[RandomAhead];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(ahead.AsSpan()));
            _left = RandomAhead;
        }

        return ahead[--_left];
    }

    public override string ToString() => IsNone ? "" : Value.ToString("x16", CultureInfo.InvariantCulture);
}
