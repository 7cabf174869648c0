using System.Security.Cryptography;
using System.Text;
using Mailbox.Access;

namespace MailboxServer.Tests.Access;

public class ApiKeysTests
{
    private readonly ApiKeys _keys = new([Key("a", "mbk_1", "mailbox.deliver:*"), Key("a", "mbk_2", "mailbox.deliver:*"), Key("b", "mbk_3", "mailbox.open:x")]);

    [Theory]
    [InlineData("mbk_1", "a")]
    [InlineData("mbk_2", "a")]
    [InlineData("mbk_3", "b")]
    [InlineData("mbk_4", null)]
    [InlineData("mbk_", null)]
    [InlineData("", null)]
    [InlineData("mbk_1 ", null)]
    public void Find_Text_ItsCallerOrNobody(string text, string? caller) => (_keys.Find(text)?.Id).ShouldBe(caller);

    [Fact]
    public void Find_TheHashItself_Nobody() => _keys.Find(HashOf("mbk_1")).ShouldBeNull();

    [Fact]
    public void Find_Known_MayWhatItsScopesSayForEver()
    {
        var caller = _keys.Find("mbk_3").ShouldNotBeNull();
        caller.Rights.May(Scope.Open, "x").ShouldBeTrue();
        caller.Rights.May(Scope.Open, "y").ShouldBeFalse();
        caller.Rights.May(Scope.Deliver, "x").ShouldBeFalse();
        caller.Grant.Until.ShouldBe(DateTimeOffset.MaxValue);
        caller.IsAmbient.ShouldBeFalse();
    }

    private static ApiKeyOptions Key(string name, string text, string scope) => new() { Name = name, Hash = HashOf(text), Scopes = [scope] };

    private static string HashOf(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
