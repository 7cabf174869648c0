using System.Globalization;
using System.Text;

namespace Mailbox.Fuzz.Inputs;

/// <summary>Choices from a seed, and what is worth trying wherever a text or a number stands.</summary>
internal sealed class Chance(int seed)
{
    private static readonly string[] Odd =
    [
        "", " ", "\t", "\r", "\n", "\r\n", "\0", "\u0001", "\u001f", "\u007f", "\u0080", "\u00ff", "\u00c3\u00a9", "\u00e2\u0080\u00a8",
        "\u00ef\u00bb\u00bf", "\u00ed\u00a0\u0080", "\u00c0\u00af", "\u00f4\u0090\u0080\u0080", "%", "%00", "%0d%0a", "%2e%2e", "%2f", "%252f", "%25", "%ff", "..",
        ".", "/", "//", "\\", "~", "~x", "{}", "{", "}", "{m}", "*", "?", "#", ":", ";", ",", "=", "&", "'", "\"", "\"\"", "<", "null", "true", "nan", "inf",
        "0", "-0", "-1", "1", "1.5", "1e3", "1e309", "0x10", "007", "+1", "2147483648", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "99999999999999", "100000000000000", "18446744073709551616", "99999999999999999999999", "\\u0000", "\\ud800", "\\",
        "now", "client", "none", "shared", "raw", "envelope", "open", "error", "message", "mailbox.open", "chunked", "identity", "close", "{cursor}", "{id}",
        "{foreign}", "0000000000000000", "0123456789abcdef", "0123456789abcdef-1", "FFFFFFFFFFFFFFFF",
    ];

    private readonly Random _random = new(seed);

    public int Below(int bound) => _random.Next(bound);

    public bool OneIn(int times) => _random.Next(times) == 0;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    /// <summary>Small most of the time, now and then far over every limit.</summary>
    public int Size(int most) => OneIn(20) ? Below(most) : Below(Math.Min(most, 40));

    public string Number() => OneIn(3)
        ? Of(Odd.AsSpan())
        : (OneIn(2) ? _random.NextInt64(-2, 2_000) : _random.NextInt64(long.MinValue, long.MaxValue)).ToString(CultureInfo.InvariantCulture);

    public string Hex(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "0123456789abcdef"[Below(16)]));

    public byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Any text; each character below 256 is a byte.</summary>
    public string Text() => Below(6) switch
    {
        0 => Of(Odd.AsSpan()),
        1 => Of(Odd.AsSpan()) + Of(Odd.AsSpan()),
        2 => new string((char)(' ' + Below(95)), Size(20_000)),
        3 => Encoding.Latin1.GetString(Bytes(Size(2_000))),
        4 => string.Concat(Enumerable.Range(0, Below(8)).Select(_ => Of(Odd.AsSpan()))),
        _ => Word(),
    };

    /// <summary>What every call takes for a name, a type or a key.</summary>
    public string Word() => string.Concat(Enumerable.Range(0, 1 + Below(12)).Select(_ => "abcXYZ019-_"[Below(11)]));

    /// <summary>The same text with a few changes in it.</summary>
    public string Mutated(string text, int most = 3) => Encoding.Latin1.GetString(Mutated(Encoding.Latin1.GetBytes(text), most));

    public byte[] Mutated(byte[] bytes, int most = 3)
    {
        var changed = new List<byte>(bytes);
        for (var left = 1 + Below(most); left > 0; left--)
        {
            Mutate(changed);
        }

        return [.. changed];
    }

    private void Mutate(List<byte> bytes)
    {
        var at = bytes.Count == 0 ? 0 : Below(bytes.Count);
        var length = Math.Min(bytes.Count - at, 1 + Below(16));
        switch (Below(9))
        {
            case 0 when bytes.Count > 0:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[at] = (byte)Below(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                bytes.InsertRange(at, Bytes(1 + Below(4)));
                break;
            case 6:
                bytes.InsertRange(at, Enumerable.Repeat(bytes.Count > 0 ? bytes[at] : (byte)'a', Size(70_000)));
                break;
            case 7 when bytes.Count > 0:
                var from = Below(bytes.Count);
                bytes.InsertRange(at, bytes.GetRange(from, Math.Min(bytes.Count - from, length)));
                break;
            default:
                bytes.RemoveRange(at, OneIn(2) ? length : 0);
                bytes.InsertRange(at, Encoding.Latin1.GetBytes(Of(Odd.AsSpan())));
                break;
        }
    }
}
