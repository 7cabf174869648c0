using System.Text;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class MessageIdTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(MessageId.MaxSequence)]
    public void ToString_Id_Parses(long sequence)
    {
        var id = new MessageId(new Identifier(0xABC), sequence);
        MessageId.TryParse(id.ToString(), out var parsed).ShouldBeTrue();
        parsed.ShouldBe(id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(MessageId.MaxSequence)]
    public void Write_Id_SameAsToString(long sequence)
    {
        var id = new MessageId(new Identifier(0xABC), sequence);
        Span<byte> text = stackalloc byte[MessageId.MostTextLength];
        Encoding.ASCII.GetString(text[..id.Write(text)]).ShouldBe(id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("0000000000000abc")]
    [InlineData("0000000000000abc-")]
    [InlineData("0000000000000abc1")]
    [InlineData("0000000000000abc-0")]
    [InlineData("0000000000000abc--1")]
    [InlineData("0000000000000abc-+1")]
    [InlineData("0000000000000abc- 1")]
    [InlineData("0000000000000abc-1 ")]
    [InlineData("0000000000000abc-1\0")]
    [InlineData("0000000000000abc-1.0")]
    [InlineData("0000000000000abc-1e3")]
    [InlineData("0000000000000abc-1,000")]
    [InlineData("0000000000000abc-0x1")]
    [InlineData("0000000000000abc-１")]
    [InlineData("0000000000000ABC-1")]
    [InlineData("000000000000abc-1")]
    [InlineData("0000000000000abc-100000000000000")]
    [InlineData("0000000000000abc-9223372036854775808")]
    [InlineData("0000000000000abc-99999999999999999999999999999999999999")]
    public void TryParse_Junk_False(string text)
    {
        MessageId.TryParse(text, out var id).ShouldBeFalse();
        id.ShouldBe(default);
    }

    [Fact]
    public void TryParse_GenerationOfZeros_False() =>
        MessageId.TryParse("0000000000000000-1", out _).ShouldBeFalse("no mailbox has the generation 'none'");

    [Fact]
    public void TryParse_LeadingZero_False() =>
        MessageId.TryParse("0000000000000abc-01", out _).ShouldBeFalse("a message has one name, not several");

    [Fact]
    public void TryParse_Cursor_False() =>
        MessageId.TryParse(new Cursor(Sample.Place(3), Sample.Receiver).ToString(), out _).ShouldBeFalse();
}
