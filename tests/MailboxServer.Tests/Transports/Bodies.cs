using System.Text;
using System.Text.Json;

namespace MailboxServer.Tests.Transports;

/// <summary>Bodies that break writers: made at random from what has a meaning somewhere, the same for the same seed.</summary>
internal static class Bodies
{
    private static readonly string[] Pieces =
    [
        "\r", "\n", "\r\n", "\n\r", "\n\n", "\r\r", "\r\n\r\n", "\0", "\uFEFF", "\u2028", "\u2029", "\u0085", "\u000B", "\f", "\t", " ", "  ",
        "data: x", "data:", "id: stolen", "id:", "event: mailbox.replaced", "retry: 1", ":", ": comment", "\nid: stolen\n\n", "\n\ndata: x\n\n",
        "\"", "\\", "\\n", "{", "}", "<script>", "&amp;", "'", "/", "\u007F", "\u001B[2J", "é", "€", "日本語", "👍🏽", "\U0010FFFF", "e\u0301", "a",
        "hello", "0", "\u0001",
    ];

    public static IEnumerable<string> Texts(int seed, int count)
    {
        string[] known =
        [
            "", " ", "\n", "\r", "\r\n", "\n\n\n", "\r\n\r\n", "\n\r\n\r", "a\n", "a\r", "a\r\n", "\na", " a", "\uFEFF", "\uFEFFa", "\0", "data: a",
            "a\n\nid: b\n\nevent: c", "\n ", " \n", "\uFEFF\n\uFEFF", new string('a', 65_536), new string('\n', 65_536),
            new string('\r', 4_095) + "\n", string.Concat(Enumerable.Repeat("é\r\n", 16_384)),
        ];
        var random = new Random(seed);
        return known.Concat(Enumerable.Range(0, count).Select(_ =>
            string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => Pieces[random.Next(Pieces.Length)]))));
    }

    /// <summary>None of them is UTF-8.</summary>
    public static IEnumerable<byte[]> Binaries(int seed, int count)
    {
        byte[][] known = [[0xFF], [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0, 0xFF, 0], [(byte)'a', 0xE2, 0x82], [0xFE, 0xFF, 0, (byte)'a']];
        var random = new Random(seed);
        return known.Concat(Enumerable.Range(0, count).Select(_ =>
        {
            var bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            bytes[random.Next(bytes.Length)] = 0xFF;
            return bytes;
        }));
    }

    /// <summary>Valid JSON with white space wherever the grammar lets it stand, line ends among it.</summary>
    public static IEnumerable<string> Json(int seed, int count)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ =>
        {
            var text = new StringBuilder();
            Value(text, random, depth: 0);
            return text.ToString();
        });
    }

    private static void Value(StringBuilder text, Random random, int depth)
    {
        Space(text, random);
        switch (random.Next(depth > 4 ? 5 : 8))
        {
            case 0:
                text.Append("null");
                break;
            case 1:
                text.Append(random.Next(2) == 0 ? "true" : "false");
                break;
            case 2:
                text.Append(random.Next(-1_000, 1_000));
                break;
            case 3:
                text.Append(random.Next(0, 9)).Append(".5e-").Append(random.Next(1, 99));
                break;
            case 4:
                Text(text, random);
                break;
            case 5 or 6:
                Members(text, random, '{', '}', key: true, depth);
                break;
            default:
                Members(text, random, '[', ']', key: false, depth);
                break;
        }

        Space(text, random);
    }

    private static void Members(StringBuilder text, Random random, char open, char close, bool key, int depth)
    {
        text.Append(open);
        Space(text, random);
        var count = random.Next(4);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) text.Append(',');
            Space(text, random);
            if (key)
            {
                text.Append('"').Append('k').Append(i).Append('"');
                Space(text, random);
                text.Append(':');
            }

            Value(text, random, depth + 1);
        }

        text.Append(close);
    }

    private static void Text(StringBuilder text, Random random)
    {
        var value = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(Pieces.Length)]));
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            // Half of what may stand bare stands bare, all that must be escaped is.
            var bare = rune.Value >= 0x20 && rune.Value is not ('"' or '\\');
            text.Append(bare && random.Next(2) == 0 ? rune.ToString() : JsonEncodedText.Encode(rune.ToString()).ToString());
        }

        text.Append('"');
    }

    private static void Space(StringBuilder text, Random random)
    {
        for (var count = random.Next(3); count > 0; count--) text.Append(" \t\r\n"[random.Next(4)]);
    }
}
