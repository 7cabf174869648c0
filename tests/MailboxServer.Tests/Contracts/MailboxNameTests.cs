using Mailbox.Contracts;

namespace MailboxServer.Tests.Contracts;

public class MailboxNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("alice")]
    [InlineData("_")]
    [InlineData("-")]
    [InlineData("~")]
    [InlineData("~nodes")]
    [InlineData("a..b")]
    [InlineData("a.")]
    [InlineData("0.._~-Z")]
    public void IsValid_NameOfTheAllowedCharacters_True(string name) => MailboxName.IsValid(name).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a%62")]
    [InlineData("{a}")]
    [InlineData("a}")]
    [InlineData("a:b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("ä")]
    [InlineData("\u0430lice")] // a Cyrillic a
    [InlineData("a\u0301")]
    [InlineData("１")]
    public void IsValid_AnyOtherCharacter_False(string name) => MailboxName.IsValid(name).ShouldBeFalse();

    [Fact]
    public void IsValid_LongestName_True() => MailboxName.IsValid(new string('a', 128)).ShouldBeTrue();

    [Fact]
    public void IsValid_OneMoreThanLongest_False() => MailboxName.IsValid(new string('a', 129)).ShouldBeFalse();

    [Fact]
    public void IsValid_EveryCharacter_OnlyThoseOfTheRule()
    {
        const string allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
        for (var c = '\0'; c < 0x300; c++)
        {
            MailboxName.IsValid($"a{c}").ShouldBe(allowed.Contains(c), $"U+{(int)c:X4} behind a letter");
            MailboxName.IsValid(c.ToString()).ShouldBe(c != '.' && allowed.Contains(c), $"U+{(int)c:X4} alone");
        }
    }

    [Theory]
    [InlineData("~", true)]
    [InlineData("~nodes", true)]
    [InlineData("a~", false)]
    [InlineData("", false)]
    public void IsSystem_NameThatBeginsWithTilde_True(string name, bool expected) =>
        MailboxName.IsSystem(name).ShouldBe(expected);
}
