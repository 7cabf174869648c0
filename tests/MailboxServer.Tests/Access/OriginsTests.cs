using Mailbox.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Access;

public class OriginsTests
{
    private readonly Origins _origins = new(new AccessOptions { Origins = ["https://app.example.com"] });

    [Theory]
    [InlineData("https://app.example.com", null, false)]
    [InlineData("https://app.example.com", "cross-site", false)]
    [InlineData("https://mailbox.example.com", null, false)]
    [InlineData("http://mailbox.example.com", null, false)]
    [InlineData("https://mailbox.example.com", "same-origin", false)]
    [InlineData("http://mailbox.example.com", "cross-site", true)]
    [InlineData("http://mailbox.example.com", "same-site", true)]
    [InlineData("https://mailbox.example.com:8443", null, true)]
    [InlineData("https://mailbox.example.com.evil.com", null, true)]
    [InlineData("https://evil.com", "same-origin", true)]
    [InlineData("null", null, true)]
    [InlineData("", null, true)]
    [InlineData(null, null, false)]
    [InlineData(null, "same-origin", false)]
    [InlineData(null, "none", false)]
    [InlineData(null, "same-site", true)]
    [InlineData(null, "cross-site", true)]
    public void IsForeign_OriginAndSite_OwnAndListedAreNot(string? origin, string? site, bool isForeign) =>
        _origins.IsForeign(Request(origin, site)).ShouldBe(isForeign);

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "same-origin", false)]
    [InlineData(null, "none", false)]
    [InlineData("https://mailbox.example.com", null, false)]
    public void IsForeign_MustSay_WhoSaysNothingIs(string? origin, string? site, bool isForeign) =>
        _origins.IsForeign(Request(origin, site), mustSay: true).ShouldBe(isForeign);

    [Fact]
    public void IsForeign_OwnHostWithoutTlsWhereTheServerHasIt_Is()
    {
        var http = Request("http://mailbox.example.com", null);
        http.Request.Scheme = "https";
        _origins.IsForeign(http).ShouldBeTrue();
    }

    [Fact]
    public void IsForeign_TwoOrigins_Is()
    {
        var http = Request(null, null);
        http.Request.Headers.Origin = new StringValues(["https://app.example.com", "https://app.example.com"]);
        _origins.IsForeign(http).ShouldBeTrue();
    }

    [Fact]
    public void IsForeign_NoHost_NoOriginIsOwn()
    {
        var http = Request("https://", null);
        http.Request.Host = default;
        _origins.IsForeign(http).ShouldBeTrue();
    }

    private static DefaultHttpContext Request(string? origin, string? site)
    {
        var http = new DefaultHttpContext();
        http.Request.Host = new HostString("mailbox.example.com");
        if (origin is not null)
        {
            http.Request.Headers.Origin = origin;
        }

        if (site is not null)
        {
            http.Request.Headers["Sec-Fetch-Site"] = site;
        }

        return http;
    }
}
