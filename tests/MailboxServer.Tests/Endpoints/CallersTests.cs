using System.Net;
using System.Security.Claims;
using Mailbox.Access;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Endpoints;

public class CallersTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    [InlineData("::1", "::")]
    public void AddressOf_Address_OfIpv6TheSite(string address, string expected) =>
        Callers.AddressOf(IPAddress.Parse(address)).ShouldBe(expected);

    [Fact]
    public void Of_NobodyShown_ItsAddress()
    {
        var http = Given.Request();
        http.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.1");
        Callers.Of(http).ShouldBe("address 192.0.2.1");
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "mallory")], "another's"));
        Callers.Of(http).ShouldBe("address 192.0.2.1");
    }

    [Fact]
    public void Of_ATokensOrKeysCaller_ItsName()
    {
        var http = Given.Request();
        http.User = new Caller(new Grant("alice", [], null, DateTimeOffset.MaxValue), Rights.None);
        Callers.Of(http).ShouldBe("caller alice");
    }

    [Fact]
    public void Of_ATicketsHolder_NotWhoMadeIt()
    {
        var http = Given.Request();
        var grant = new Grant("backend", [], null, DateTimeOffset.MaxValue);
        http.User = new Caller(grant, Rights.None) { Ticket = new Ticket("0123", "alice", IsShared: false, grant) };
        Callers.Of(http).ShouldBe("ticket 0123");
    }
}
