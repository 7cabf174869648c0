using System.Buffers.Text;
using System.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class CursorTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public void ToString_RandomCursors_ParseToTheSame()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var position = new Position(Next(random), random.NextInt64(0, MessageId.MaxSequence + 1), Next(random));
            var cursor = new Cursor(position, Next(random), IsTerminal: random.Next(2) == 0);
            var text = cursor.ToString();
            text.Length.ShouldBe(Cursor.TextLength);
            text.ShouldAllBe(c => Alphabet.Contains(c));
            Cursor.TryParse(text, out var parsed).ShouldBeTrue(text);
            parsed.ShouldBe(cursor);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(MessageId.MaxSequence)]
    public void TryParse_SequenceAtItsLimits_True(long sequence)
    {
        var cursor = new Cursor(new Position(Sample.Generation, sequence, default), Sample.Receiver);
        Cursor.TryParse(cursor.ToString(), out var parsed).ShouldBeTrue();
        parsed.ShouldBe(cursor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("0")]
    [InlineData("0000000000000abc-1")]
    [InlineData("null")]
    public void TryParse_Junk_False(string text) => Cursor.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void TryParse_MessageIdAsLongAsACursor_False()
    {
        var text = "0000000000000abc-" + new string('1', Cursor.TextLength - 17);
        text.Length.ShouldBe(Cursor.TextLength);
        Cursor.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void TryParse_WrongLength_False()
    {
        var text = Valid;
        Parses(text[..^1]).ShouldBeFalse();
        Parses(text[1..]).ShouldBeFalse();
        Cursor.TryParse(text + "A", out _).ShouldBeFalse();
        Cursor.TryParse(text + "=", out _).ShouldBeFalse("padding is not part of it");
        Cursor.TryParse(" " + text, out _).ShouldBeFalse();
        Cursor.TryParse(text + "\n", out _).ShouldBeFalse();
        Cursor.TryParse(new string('A', 100_000), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData('+')]
    [InlineData('/')]
    [InlineData('=')]
    [InlineData('%')]
    [InlineData(' ')]
    [InlineData('\t')]
    [InlineData('\n')]
    [InlineData('\0')]
    [InlineData('.')]
    [InlineData('é')]
    [InlineData('\uD800')]
    [InlineData('Ａ')]
    public void TryParse_CharacterOutsideBase64Url_False(char foreign)
    {
        for (var at = 0; at < Cursor.TextLength; at++)
        {
            var text = Valid.ToCharArray();
            text[at] = foreign;
            Cursor.TryParse(text, out _).ShouldBeFalse($"at {at}");
        }
    }

    [Fact]
    public void TryParse_BitsBehindTheLastByte_False()
    {
        // 43 characters are 258 bits: the last two belong to nothing, and only zero is how they are written.
        var last = Alphabet.IndexOf(Valid[^1], StringComparison.Ordinal);
        for (var bits = 1; bits < 4; bits++)
        {
            Cursor.TryParse(Valid[..^1] + Alphabet[last | bits], out _).ShouldBeFalse($"{bits}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public void TryParse_UnknownForm_False(byte form) =>
        Cursor.TryParse(With(bytes => bytes[0] = form), out _).ShouldBeFalse();

    [Fact]
    public void TryParse_SequenceBeyondTheLargest_False()
    {
        Cursor.TryParse(With(bytes => bytes.AsSpan(1, 7).Fill(0xFF)), out _).ShouldBeFalse();
        var next = MessageId.MaxSequence + 1;
        Cursor.TryParse(With(bytes =>
        {
            for (var i = 0; i < 7; i++) bytes[7 - i] = (byte)(next >> (8 * i));
        }), out _).ShouldBeFalse();
    }

    [Fact]
    public void TryParse_NoGeneration_False() =>
        Cursor.TryParse(With(bytes => bytes.AsSpan(8, 8).Clear()), out _).ShouldBeFalse();

    [Fact]
    public void TryParse_NoReceiver_False() =>
        Cursor.TryParse(With(bytes => bytes.AsSpan(24, 8).Clear()), out _).ShouldBeFalse();

    [Fact]
    public void TryParse_RandomText_NeverThrows()
    {
        var random = new Random(2);
        for (var i = 0; i < 5_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(40, 46)).Select(_ => (char)random.Next(0, 0x180))]);
            Should.NotThrow(() => Cursor.TryParse(text, out _));
        }
    }

    [Fact]
    public void TryParse_AnyTextThatParses_IsWrittenAsItWas()
    {
        var random = new Random(3);
        var parsed = 0;
        for (var i = 0; i < 20_000; i++)
        {
            // "AQAA" begins a place whose sequence may be in range.
            var text = "AQAA" + new string([.. Enumerable.Range(0, 39).Select(_ => Alphabet[random.Next(64)])]);
            if (Cursor.TryParse(text, out var cursor))
            {
                parsed++;
                cursor.ToString().ShouldBe(text);
            }
        }

        parsed.ShouldBeGreaterThan(1_000);
    }

    private static bool Parses(string text) => Cursor.TryParse(text, out _);

    private static string Valid => new Cursor(Sample.Place(7), Sample.Receiver).ToString();

    private static Identifier Next(Random random) => new((ulong)random.NextInt64(1, long.MaxValue));

    private static string With(Action<byte[]> change)
    {
        var bytes = Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(Valid));
        change(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
