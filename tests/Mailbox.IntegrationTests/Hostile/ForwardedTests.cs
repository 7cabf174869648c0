using System.Text.RegularExpressions;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>
/// What a client says of itself, of the way here or of another method changes nothing: the answer is the same with it and
/// without, links stay relative, and no name of a host is given back.
/// </summary>
[Collection(BadInputSite.Name)]
public sealed partial class ForwardedTests(BadInputSite site)
{
    private static readonly (string Name, string Value)[] Spoofed =
    [
        ("X-Forwarded-For", "127.0.0.1, ::1"), ("X-Real-IP", "127.0.0.1"), ("Forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
        ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"), ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-Path", "/v1/nodes"), ("X-Original-URL", "/v1/nodes"), ("X-Rewrite-URL", "/v1/nodes"), ("X-Original-Host", "evil.example"),
        ("X-Original-For", "127.0.0.1"), ("X-Original-Proto", "https"), ("X-Host", "evil.example"), ("X-HTTP-Host-Override", "evil.example"),
        ("X-HTTP-Method-Override", "DELETE"), ("X-HTTP-Method", "DELETE"), ("X-Method-Override", "DELETE"), ("X-ARR-ClientCert", "MIIB"),
        ("X-ProxyUser-Ip", "127.0.0.1"), ("Client-IP", "127.0.0.1"), ("True-Client-IP", "127.0.0.1"), ("CF-Connecting-IP", "127.0.0.1"),
        ("X-MS-CLIENT-PRINCIPAL", "admin"), ("X-Forwarded-User", "admin"), ("Proxy", "http://evil.example"), ("Via", "1.1 evil.example"),
    ];

    public static TheoryData<string> Calls =>
    [
        "GET /v1/mailboxes/{m}/info", "GET /v1/mailboxes/{m}/messages", "GET /v1/mailboxes/{m}?wait=0&mode=shared", "GET /v1/mailboxes/{n}/info",
        "GET /v1/nothing", "GET /health/ready", "GET /openapi/v1.json", "PUT /v1/mailboxes/{m}", "POST /v1/mailboxes/{m}/ack", "PATCH /v1/mailboxes/{m}",
    ];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task The_answer_is_the_same(string call)
    {
        var mailbox = await site.PrimedAsync();
        var unused = Names.Fresh("unused");
        var (method, target) = (call.Split(' ')[0], call.Split(' ')[1]
            .Replace("{m}", mailbox, StringComparison.Ordinal).Replace("{n}", unused, StringComparison.Ordinal));
        (string, string)[] plain = [("Accept", "application/json")];

        var expected = await site.SendAsync(method, target, "{}", plain);
        var answer = await site.SendAsync(method, target, "{}", [.. plain, .. Spoofed]);

        answer.Status.ShouldBe(expected.Status);
        Told(answer).ShouldBe(Told(expected));
        answer.Text.ShouldNotContain("evil");
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task Links_stay_relative_whatever_host_is_named()
    {
        var mailbox = Names.Fresh("link");
        foreach (var host in new[] { "evil.example", "evil.example:8443", "" })
        {
            var created = await RawHttp.SendAsync(site.Address, $"PUT /v1/mailboxes/{Names.Fresh("link")} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            created.Status.ShouldBe(201, created.Text);
            created.Header("Location")!.ShouldStartWith("/v1/mailboxes/");
            var delivered = await RawHttp.SendAsync(
                site.Address,
                $"POST /v1/mailboxes/{mailbox}/messages HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
            delivered.Header("Location")!.ShouldStartWith($"/v1/mailboxes/{mailbox}/messages/");
            (created.Text + delivered.Text).ShouldNotContain("evil");
        }

        await site.WorksAsync(mailbox, "x", "x", "x");
    }

    [Theory]
    [InlineData("POST", "/v1/mailboxes/{m}?_method=DELETE", 405)]
    [InlineData("GET", "/v1/mailboxes/{m}/info?_method=DELETE&method=DELETE", 200)]
    [InlineData("POST", "/v1/mailboxes/{m}/messages?_method=GET", 202)]
    public async Task No_parameter_is_another_method(string method, string target, int status)
    {
        var mailbox = await site.PrimedAsync();
        var response = await site.SendAsync(
            method, target.Replace("{m}", mailbox, StringComparison.Ordinal), "_method=DELETE", ("Content-Type", "application/x-www-form-urlencoded"));
        response.Status.ShouldBe(status, response.Text);
        string[] held = status == 202 ? ["before", "_method=DELETE"] : ["before"];
        await site.WorksAsync(mailbox, held);
    }

    /// <summary>Status, headers and body, without what is another at each call.</summary>
    private static string Told(RawResponse response) => Passing().Replace(
        string.Join('\n', response.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {header.Value}")) + "\n" + response.Text, "…");

    [GeneratedRegex("""(?<="(?:expires|seen|cursor|opened)":)"[^"]*"|(?<="epoch":)[0-9]+""")]
    private static partial Regex Passing();
}
