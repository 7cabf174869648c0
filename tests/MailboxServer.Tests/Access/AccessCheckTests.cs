using System.ComponentModel.DataAnnotations;
using System.Net;
using Mailbox;
using Mailbox.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace MailboxServer.Tests.Access;

public class AccessCheckTests
{
    private const string Key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="; // 32 bytes
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string OwnKeys = $"Jwt:Keys:0={Key};Jwt:Issuer=i;Jwt:Audience=a";
    private const string Authority = "Jwt:Authority=https://authority.example.com;Jwt:Audience=a";

    [Theory]
    [InlineData("", "Nobody said who may call")]
    [InlineData($"{OwnKeys};AllowAnonymous=true", "exclude each other")]
    [InlineData($"Jwt:Keys:0={Key};Jwt:Issuer=i", "Jwt:Audience is not set")]
    [InlineData($"Jwt:Keys:0={Key};Jwt:Audience=a", "Jwt:Issuer is not set")]
    [InlineData("Jwt:Authority=https://a.example.com", "Jwt:Audience is not set")]
    [InlineData($"{OwnKeys};Jwt:Authority=https://a.example.com", "Keys or an Authority, not both")]
    [InlineData("AllowAnonymous=true;Jwt:Issuer=i", "neither Keys nor an Authority")]
    [InlineData("AllowAnonymous=true;Jwt:Audience=a", "neither Keys nor an Authority")]
    [InlineData("Jwt:Keys:0=MDEyMw==;Jwt:Issuer=i;Jwt:Audience=a", "base64, each at least 32 bytes")]
    [InlineData("Jwt:Keys:0=not base64;Jwt:Issuer=i;Jwt:Audience=a", "base64, each at least 32 bytes")]
    [InlineData($"{OwnKeys};Jwt:Keys:1=MDEyMw==", "base64, each at least 32 bytes")]
    [InlineData($"{OwnKeys};Jwt:Algorithms:0=HS512", "base64, each at least 64 bytes")]
    [InlineData($"{OwnKeys};Jwt:Algorithms:0=RS256", "'RS256' is not one of HS256, HS384, HS512")]
    [InlineData($"{OwnKeys};Jwt:Algorithms:0=none", "'none' is not one of")]
    [InlineData($"{OwnKeys};Jwt:Algorithms:0=hs256", "'hs256' is not one of")]
    [InlineData($"{Authority};Jwt:Algorithms:0=HS256", "'HS256' is not one of RS256")]
    [InlineData("Jwt:Authority=http://authority.example.com;Jwt:Audience=a", "https address (http only on the loopback)")]
    [InlineData("Jwt:Authority=http://localhost.example.com;Jwt:Audience=a", "https address")]
    [InlineData("Jwt:Authority=http://127.0.0.1.example.com;Jwt:Audience=a", "https address")]
    [InlineData("Jwt:Authority=file:///etc/keys;Jwt:Audience=a", "https address")]
    [InlineData("Jwt:Authority=authority;Jwt:Audience=a", "https address")]
    [InlineData($"{OwnKeys};Jwt:ClockSkew=00:00:31", "ClockSkew")]
    [InlineData($"{OwnKeys};Jwt:ClockSkew=-00:00:01", "ClockSkew")]
    [InlineData($"{OwnKeys};TicketWait=00:00:00", "TicketWait")]
    [InlineData($"{OwnKeys};MaxTicketLife=31.00:00:00", "MaxTicketLife")]
    [InlineData($"{OwnKeys};Cookie=a b", "Cookie")]
    [InlineData($"{OwnKeys};Cookie=a=b", "Cookie")]
    [InlineData($"{OwnKeys};Cookie=__Host-token", "__Host-")]
    [InlineData($"ApiKeys:0:Name=a;ApiKeys:0:Hash={Hash};ApiKeys:0:Scopes:0=mailbox.open:*;Cookie=token", "it needs Mailbox:Access:Jwt")]
    [InlineData("AllowAnonymous=true;Cookie=token", "it needs Mailbox:Access:Jwt")]
    [InlineData($"ApiKeys:0:Name=a;ApiKeys:0:Hash={Hash}", "'a' has no Scopes")]
    [InlineData($"ApiKeys:0:Name=a;ApiKeys:0:Hash={Hash};ApiKeys:0:Scopes:0=mailbox.open", "scope 'mailbox.open'")]
    [InlineData($"ApiKeys:0:Name=a;ApiKeys:0:Hash={Hash};ApiKeys:0:Scopes:0=mailbox.open:a b", "scope 'mailbox.open:a b'")]
    [InlineData("ApiKeys:0:Name=a;ApiKeys:0:Hash=1234;ApiKeys:0:Scopes:0=mailbox.open:*", "ApiKeys:0: The field Hash")]
    [InlineData("ApiKeys:0:Name=a;ApiKeys:0:Scopes:0=mailbox.open:*", "Hash")]
    [InlineData($"ApiKeys:0:Hash={Hash};ApiKeys:0:Scopes:0=mailbox.open:*", "Name")]
    [InlineData($"{OwnKeys};Origins:0=*", "'*' is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=null", "'null' is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://app.example.com/", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://app.example.com/path", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://app.example.com:443", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://APP.example.com", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://*.example.com", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=https://user@app.example.com", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=ftp://app.example.com", "is not an origin")]
    [InlineData($"{OwnKeys};Origins:0=app.example.com", "is not an origin")]
    public void Check_SettingsThatCannotWorkOrLetInTooMuch_SaysWhich(string settings, string said) =>
        Should.Throw<ValidationException>(() => Check(settings, Environments.Production)).Message.ShouldContain(said);

    [Theory]
    [InlineData(OwnKeys)]
    [InlineData(Authority)]
    [InlineData($"{OwnKeys};Jwt:Algorithms:0=HS256;Cookie=token;Origins:0=https://app.example.com;Origins:1=http://localhost:5173")]
    [InlineData($"{OwnKeys};Cookie=")]
    [InlineData($"{Authority};Jwt:Algorithms:0=ES256;Jwt:Issuer=i")]
    [InlineData("Jwt:Authority=http://127.0.0.1:8081/realm;Jwt:Audience=a")]
    [InlineData($"ApiKeys:0:Name=a;ApiKeys:0:Hash={Hash};ApiKeys:0:Scopes:0=mailbox.admin:*")]
    [InlineData("AllowAnonymous=true")]
    public void Check_SettingsThatWork_Nothing(string settings) => Check(settings, Environments.Production);

    [Fact]
    public void Check_NothingInDevelopment_Nothing() => Check("", Environments.Development);

    [Theory]
    [InlineData("0.0.0.0", "", true)]
    [InlineData("::", "", true)]
    [InlineData("192.0.2.1", "", true)]
    [InlineData("127.0.0.1", "", false)]
    [InlineData("127.8.8.8", "", false)]
    [InlineData("::1", "", false)]
    [InlineData("0.0.0.0", "AllowAnonymous=true", false)]
    [InlineData("0.0.0.0", OwnKeys, false)]
    public void CheckAddress_WithoutAccess_TheLoopbackAlone(string address, string settings, bool isRefused)
    {
        void Act() => AccessCheck.CheckAddress(Read(settings).Access, new IPEndPoint(IPAddress.Parse(address), 8080));
        if (isRefused)
        {
            Should.Throw<ValidationException>(Act).Message.ShouldContain("8080 can be reached from other machines");
        }
        else
        {
            Act();
        }
    }

    [Fact]
    public void CheckAddress_SocketOfThisMachine_Nothing() =>
        AccessCheck.CheckAddress(new AccessOptions(), new System.Net.Sockets.UnixDomainSocketEndPoint("/tmp/x"));

    /// <summary>Read as the server reads them, with what a running server needs beside.</summary>
    private static MailboxOptions Read(string settings)
    {
        var pairs = settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .Select(pair => KeyValuePair.Create("Mailbox:Access:" + pair[0], (string?)pair[1]));
        return new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("Mailbox:Redis:ConnectionString", (string?)"127.0.0.1:6379"), .. pairs])
            .Build().GetSection(MailboxOptions.Section).Get<MailboxOptions>()!;
    }

    private static void Check(string settings, string environment) => OptionsCheck.Check(Read(settings), new HostEnvironment { EnvironmentName = environment });

    private sealed class HostEnvironment : IHostEnvironment
    {
        public required string EnvironmentName { get; set; }

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
