using Mailbox.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Access;

public class CredentialsTests
{
    private static readonly AccessOptions Options = new() { Cookie = "token" };

    [Theory]
    [InlineData("Bearer abc", nameof(CredentialKind.Bearer), "abc")]
    [InlineData("bearer abc", nameof(CredentialKind.Bearer), "abc")]
    [InlineData("Bearer   abc  ", nameof(CredentialKind.Bearer), "abc")]
    [InlineData("Bearer a b", nameof(CredentialKind.Bearer), "a b")]
    [InlineData("", nameof(CredentialKind.Malformed), "")]
    [InlineData("Bearer", nameof(CredentialKind.Malformed), "")]
    [InlineData("Bearer ", nameof(CredentialKind.Malformed), "")]
    [InlineData("Bearerabc", nameof(CredentialKind.Malformed), "")]
    [InlineData("Basic abc", nameof(CredentialKind.Malformed), "")]
    public void Of_Header_BearerOrMalformed(string header, string kind, string text)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = header;
        Credentials.Of(http, Options, isReceivers: true).ShouldBe(Expected(kind, text));
    }

    [Fact]
    public void Of_TwoHeaders_Malformed()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = new StringValues(["Bearer a", "Bearer a"]);
        Credentials.Of(http, Options, isReceivers: true).Kind.ShouldBe(CredentialKind.Malformed);
    }

    [Theory]
    [InlineData("?ticket=t", true, nameof(CredentialKind.Ticket), "t")]
    [InlineData("?ticket=t", false, nameof(CredentialKind.None), "")]
    [InlineData("?ticket=", true, nameof(CredentialKind.Malformed), "")]
    [InlineData("?ticket=t&ticket=u", true, nameof(CredentialKind.Malformed), "")]
    [InlineData("?access_token=t", true, nameof(CredentialKind.None), "")]
    [InlineData("", true, nameof(CredentialKind.None), "")]
    public void Of_Query_TicketsOfReceiversAlone(string query, bool isReceivers, string kind, string text) =>
        Credentials.Of(WithQuery(query), Options, isReceivers).ShouldBe(Expected(kind, text));

    [Theory]
    [InlineData("?access_token=t", true, nameof(CredentialKind.Query), "t")]
    [InlineData("?access_token=t", false, nameof(CredentialKind.None), "")]
    [InlineData("?access_token=t&access_token=t", true, nameof(CredentialKind.Malformed), "")]
    [InlineData("?access_token=a&ticket=t", true, nameof(CredentialKind.Ticket), "t")]
    public void Of_QueryWhereTokensAreAllowedThere_TakesThem(string query, bool isReceivers, string kind, string text) =>
        Credentials.Of(WithQuery(query), new AccessOptions { TokenInQuery = true }, isReceivers).ShouldBe(Expected(kind, text));

    [Theory]
    [InlineData("token=t", nameof(CredentialKind.Cookie), "t")]
    [InlineData("a=b; token=t; c=d", nameof(CredentialKind.Cookie), "t")]
    [InlineData("a=b;token=t", nameof(CredentialKind.Cookie), "t")]
    [InlineData("token=t; token=t", nameof(CredentialKind.Malformed), "")]
    [InlineData("token=", nameof(CredentialKind.Malformed), "")]
    [InlineData("TOKEN=t", nameof(CredentialKind.None), "")]
    [InlineData("xtoken=t", nameof(CredentialKind.None), "")]
    [InlineData("token", nameof(CredentialKind.None), "")]
    [InlineData("a=token=t", nameof(CredentialKind.None), "")]
    public void Of_Cookie_OneOfTheVeryName(string header, string kind, string text)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Cookie = header;
        Credentials.Of(http, Options, isReceivers: false).ShouldBe(Expected(kind, text));
        Credentials.Of(http, new AccessOptions(), isReceivers: false).Kind.ShouldBe(CredentialKind.None);
        Credentials.Of(http, new AccessOptions { Cookie = "" }, isReceivers: false).Kind.ShouldBe(CredentialKind.None);
    }

    [Fact]
    public void Of_CookiesInTwoHeaders_Malformed()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Cookie = new StringValues(["token=t", "token=u"]);
        Credentials.Of(http, Options, isReceivers: false).Kind.ShouldBe(CredentialKind.Malformed);
    }

    [Fact]
    public void Of_Several_TheHeaderCountsAlsoWhenItIsWrong()
    {
        var http = WithQuery("?ticket=t");
        http.Request.Headers.Cookie = "token=t";
        Credentials.Of(http, Options, isReceivers: true).Kind.ShouldBe(CredentialKind.Ticket);
        Credentials.Of(http, Options, isReceivers: false).Kind.ShouldBe(CredentialKind.Cookie);
        http.Request.Headers.Authorization = "Basic x";
        Credentials.Of(http, Options, isReceivers: true).Kind.ShouldBe(CredentialKind.Malformed);
    }

    private static Credentials Expected(string kind, string text) => new(Enum.Parse<CredentialKind>(kind), text);

    private static DefaultHttpContext WithQuery(string query)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        return http;
    }
}
