using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Mailboxes;

public class MessageRulesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("order.created")]
    [InlineData("0")]
    [InlineData("._~-")]
    [InlineData("mailbox")]
    [InlineData("mailboxes.full")]
    [InlineData("Mailbox.Open")] // names of events are case-sensitive
    [InlineData("Open")]
    [InlineData("opened")]
    [InlineData("messages")]
    public void IsType_AllowedName_True(string type) => MessageRules.IsType(type).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("open")]
    [InlineData("error")]
    [InlineData("message")]
    [InlineData("mailbox.")]
    [InlineData("mailbox.gap")]
    [InlineData("mailbox.anything")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\r\nid: x")]
    [InlineData("a:b")]
    [InlineData("a/b")]
    [InlineData("\0")]
    [InlineData("ä")]
    public void IsType_NameThatMeansSomethingElse_False(string type) => MessageRules.IsType(type).ShouldBeFalse();

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void IsType_Length_AtMost128(int length, bool expected) =>
        MessageRules.IsType(new string('a', length)).ShouldBe(expected);

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("text/plain; charset=utf-8", true)]
    [InlineData("", false)]
    [InlineData("text/plain\n", false)]
    [InlineData("text/plain\t", false)]
    [InlineData("text/plain\0", false)]
    [InlineData("text/plain\u007F", false)]
    [InlineData("text/plain; title=ä", false)]
    public void IsContentType_PrintableAscii_True(string type, bool expected) =>
        MessageRules.IsContentType(type).ShouldBe(expected);

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void IsContentType_Length_AtMost256(int length, bool expected) =>
        MessageRules.IsContentType(new string('a', length)).ShouldBe(expected);

    [Theory]
    [InlineData("a", true)]
    [InlineData("A-z_09", true)]
    [InlineData("", false)]
    [InlineData("a.b", false)]
    [InlineData("a~b", false)]
    [InlineData("a+b", false)]
    [InlineData("a/b", false)]
    [InlineData("a=", false)]
    [InlineData("a b", false)]
    public void IsTopic_UrlSafeBase64Alphabet_True(string topic, bool expected) => MessageRules.IsTopic(topic).ShouldBe(expected);

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void IsTopic_Length_AtMost32(int length, bool expected) =>
        MessageRules.IsTopic(new string('a', length)).ShouldBe(expected);

    [Theory]
    [InlineData("a", true)]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", true)]
    [InlineData("!~", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("a\u007F", false)]
    [InlineData("ä", false)]
    public void IsIdempotencyKey_VisibleAscii_True(string key, bool expected) =>
        MessageRules.IsIdempotencyKey(key).ShouldBe(expected);

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void IsIdempotencyKey_Length_AtMost128(int length, bool expected) =>
        MessageRules.IsIdempotencyKey(new string('a', length)).ShouldBe(expected);
}
