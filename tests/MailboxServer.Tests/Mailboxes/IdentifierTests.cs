using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class IdentifierTests
{
    [Theory]
    [InlineData(1UL, "0000000000000001")]
    [InlineData(0x0123456789ABCDEFUL, "0123456789abcdef")]
    [InlineData(ulong.MaxValue, "ffffffffffffffff")]
    public void ToString_Value_SixteenLowerCaseDigitsThatParse(ulong value, string text)
    {
        new Identifier(value).ToString().ShouldBe(text);
        Identifier.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.Value.ShouldBe(value);
    }

    [Fact]
    public void ToString_None_EmptyTextThatParses()
    {
        Identifier.None.ToString().ShouldBeEmpty();
        Identifier.TryParse("", out var parsed).ShouldBeTrue();
        parsed.IsNone.ShouldBeTrue();
    }

    [Theory]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdef0")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("0123456789abcdeF")]
    [InlineData("0x23456789abcdef")]
    [InlineData("+123456789abcdef")]
    [InlineData("-123456789abcdef")]
    [InlineData(" 123456789abcdef")]
    [InlineData("0123456789abcde ")]
    [InlineData("0123456789abcdeg")]
    [InlineData("0123456789abcde\0")]
    [InlineData("1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("０123456789abcdef")]
    public void TryParse_NotSixteenLowerCaseHexDigits_False(string text)
    {
        Identifier.TryParse(text, out var parsed).ShouldBeFalse();
        parsed.IsNone.ShouldBeTrue();
    }

    [Fact]
    public void Random_ManyTimes_NeverNoneAndNeverTheSame()
    {
        var values = Enumerable.Range(0, 10_000).Select(_ => Identifier.Random()).ToHashSet();
        values.Count.ShouldBe(10_000);
        values.ShouldNotContain(Identifier.None);
    }
}
