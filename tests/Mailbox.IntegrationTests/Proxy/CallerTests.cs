using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>Who may call a route, and what its backend is told of that.</summary>
[Collection(ProxySite.Name)]
public sealed class CallerTests(ProxySite site)
{
    private const string Cookie = "mailbox_token";

    private static readonly byte[] JwtKey = RandomNumberGenerator.GetBytes(32);
    private static readonly TokenIssuer Issuer = TokenIssuer.Symmetric(JwtKey);

    [Fact]
    public async Task A_backend_is_told_who_calls_by_a_token_that_is_for_it_alone()
    {
        await using var node = await StartNodeAsync();
        var token = Issuer.Make("user-42", ("mailbox.open", "user-42"), ("scope", "mailbox.deliver:room-*"));

        var (answer, seen) = await SeenAsync(node, "/app", ("Authorization", $"Bearer {token}"), ("Cookie", $"a=1; {Cookie}={token}; b=2"));

        answer.Status.ShouldBe(200);
        var claims = ClaimsOf(seen["Mailbox-Caller"]);
        claims.GetProperty("sub").GetString().ShouldBe("user-42");
        claims.GetProperty("scope").GetString().ShouldBe("mailbox.open:user-42 mailbox.deliver:room-*");
        claims.GetProperty("aud").GetString().ShouldBe(site.Backend.Address);
        claims.GetProperty("iss").GetString().ShouldBe("mailbox");
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(60);
        Math.Abs(claims.GetProperty("iat").GetInt64() - DateTimeOffset.UtcNow.ToUnixTimeSeconds()).ShouldBeLessThan(30);
        seen.ShouldNotContainKey("Authorization");
        seen["Cookie"].ShouldBe("a=1; b=2");
        node.Output.ShouldNotContain(line => line.Contains(Convert.ToBase64String(ProxySite.CallerKey), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_route_asks_who_calls_unless_it_is_for_all()
    {
        await using var node = await StartNodeAsync();

        var (refused, unseen) = await SeenAsync(node, "/app");
        var (wrong, _) = await SeenAsync(node, "/app", ("Authorization", "Bearer nonsense"));
        var (open, seen) = await SeenAsync(node, "/open", ("Authorization", $"Bearer {Issuer.Make("user-42")}"));

        (refused.Status, refused.Problem, wrong.Status).ShouldBe((401, "unauthorized", 401));
        unseen.ShouldBeEmpty();
        open.Status.ShouldBe(200);
        ClaimsOf(seen["Mailbox-Caller"]).TryGetProperty("sub", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_a_backend_delivers_is_the_routes_to_say_and_not_the_callers()
    {
        await using var node = await StartNodeAsync();
        var mailbox = Names.Fresh("not-the-callers");
        var path = site.Backend.On(http => ProxySite.AnswerAsync(http, mailbox, "body"));
        var answer = await node.CallAsync("GET", $"/app/{path}", null, ("Authorization", $"Bearer {Issuer.Make("user-42")}"));
        answer.Status.ShouldBe(202, answer.Text);
        (await site.TextsAsync(mailbox)).ShouldBe(["body"]);
    }

    private Task<MailboxNode> StartNodeAsync() => site.StartNodeAsync(
    [
        ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(JwtKey)), ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
        ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience), ("Mailbox:Access:Cookie", Cookie),
        .. ProxySite.Route(6, "/open", site.Backend.Address, ("Access", "anonymous")),
    ]);

    private async Task<(Answer Answer, Dictionary<string, string> Seen)> SeenAsync(
        MailboxNode node, string route, params (string Name, string Value)[] headers)
    {
        Dictionary<string, string> seen = [];
        var path = site.Backend.On(http =>
        {
            seen = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            return Task.CompletedTask;
        });
        return (await node.CallAsync("GET", $"{route}/{path}", null, headers), seen);
    }

    /// <summary>Reads it as a backend would, without the server's own code.</summary>
    private static JsonElement ClaimsOf(string token)
    {
        var parts = token.Split('.');
        var signature = HMACSHA256.HashData(ProxySite.CallerKey, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        Base64Url.EncodeToString(signature).ShouldBe(parts[2]);
        JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement.GetProperty("alg").GetString().ShouldBe("HS256");
        return JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
    }
}
