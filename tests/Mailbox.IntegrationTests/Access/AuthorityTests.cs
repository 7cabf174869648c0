using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>Tokens of an authority, whose keys the node reads from it and from nowhere else.</summary>
public sealed class AuthorityTests(AuthorityTests.Fixture fixture) : IClassFixture<AuthorityTests.Fixture>
{
    private const string Rsa = "rsa-1";
    private const string Ecdsa = "ec-1";

    [Fact]
    public async Task Tokens_of_its_keys_hold()
    {
        var mailbox = Names.Fresh("authority");
        foreach (var issuer in new[] { TokenIssuer.Of(fixture.Authority.Rsa, Rsa), TokenIssuer.Of(fixture.Authority.Ecdsa, Ecdsa) })
        {
            (await DeliverAsync(mailbox, issuer.Make("sender", fixture.Authority.IssuerClaim, ("mailbox.deliver", mailbox)))).Status.ShouldBe(202);
        }
    }

    [Fact]
    public async Task Nothing_that_a_token_says_of_its_key_is_believed_or_fetched()
    {
        var mailbox = Names.Fresh("authority");
        var authority = fixture.Authority;
        var watch = Stopwatch.StartNew();
        using var own = RSA.Create(2048);
        var thumbprint = authority.Address + "/mine";
        var public509 = authority.Rsa.ExportSubjectPublicKeyInfo();
        var pem = authority.Rsa.ExportSubjectPublicKeyInfoPem();
        var pkcs1 = authority.Rsa.ExportRSAPublicKeyPem();
        (string, object?)[] claims = [authority.IssuerClaim, ("mailbox.deliver", mailbox)];
        var wrong = new Dictionary<string, string>
        {
            ["own key, its name"] = TokenIssuer.Of(own, Rsa).Make("sender", claims),
            ["own key, another name"] = TokenIssuer.Of(own, "unknown").Make("sender", claims),
            ["own key, no name"] = TokenIssuer.Of(own, null).Make("sender", claims),
            ["jku"] = TokenIssuer.Of(own, "mine").MakeWith([("jku", thumbprint)], "sender", claims),
            ["x5u"] = TokenIssuer.Of(own, "mine").MakeWith([("x5u", thumbprint)], "sender", claims),
            ["jwk"] = TokenIssuer.Of(own, Rsa).MakeWith([("jwk", new { kty = "RSA", kid = Rsa, e = "AQAB", n = "AQAB" })], "sender", claims),
            ["another issuer"] = TokenIssuer.Of(authority.Rsa, Rsa).Make("sender", [.. claims, ("iss", authority.Address + "/other")]),
            ["another audience"] = TokenIssuer.Of(authority.Rsa, Rsa).Make("sender", [.. claims, ("aud", "other")]),
            ["HS256 with the public key"] = TokenIssuer.Symmetric(public509, keyId: Rsa).Make("sender", claims),
            ["HS256 with the public key's text"] = TokenIssuer.Symmetric(Encoding.ASCII.GetBytes(pem), keyId: Rsa).Make("sender", claims),
            ["HS256 with the public key's text and its line end"] = TokenIssuer.Symmetric(Encoding.ASCII.GetBytes(pem + "\n"), keyId: Rsa).Make("sender", claims),
            ["HS256 with the public key's other text"] = TokenIssuer.Symmetric(Encoding.ASCII.GetBytes(pkcs1), keyId: Rsa).Make("sender", claims),
            ["HS256 with the modulus"] = TokenIssuer.Symmetric(authority.Rsa.ExportParameters(false).Modulus!, keyId: Rsa).Make("sender", claims),
            ["RS256 said to be ES256"] = TokenIssuer.Of(authority.Rsa, Ecdsa).MakeWith([("alg", "ES256")], "sender", claims),
        };
        foreach (var (what, token) in wrong)
        {
            (await DeliverAsync(mailbox, token)).Status.ShouldBe(401, what);
        }

        ((object?[])(await fixture.Redis.ExecuteAsync("KEYS", $"*{mailbox}*"))!).ShouldBeEmpty();
        authority.Asked.ShouldAllBe(path => path == "/.well-known/openid-configuration" || path == "/keys");

        // They do not make the node ask each time: two documents, every five seconds at most.
        authority.Asked.Count.ShouldBeLessThanOrEqualTo(4 + (2 * (int)(watch.Elapsed.TotalSeconds / 5)));
    }

    [Fact]
    public async Task With_an_issuer_that_is_set_the_authority_s_own_name_does_not_count()
    {
        await using var node = await fixture.StartNodeAsync(fixture.Authority, ("Mailbox:Access:Jwt:Issuer", "https://tenant.example"));
        var issuer = TokenIssuer.Of(fixture.Authority.Rsa, Rsa);
        var mailbox = Names.Fresh("authority");

        (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(issuer.Make("sender", ("iss", "https://tenant.example"), ("mailbox.deliver", mailbox))))).Status.ShouldBe(202);
        (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(issuer.Make("sender", fixture.Authority.IssuerClaim, ("mailbox.deliver", mailbox))))).Status.ShouldBe(401);
    }

    /// <summary>Of a node that starts before its authority, through a change of its keys.</summary>
    [Fact]
    public async Task While_the_authority_is_away_nobody_is_refused_for_good_and_its_new_keys_count_at_once()
    {
        using var authority = new AuthorityStandIn();
        authority.Publish(authority.Rsa, "old");
        await using var node = await fixture.StartNodeAsync(authority);
        var mailbox = Names.Fresh("authority");
        string TokenOf(string key, RSA rsa) =>
            TokenIssuer.Of(rsa, key).Make("both", authority.IssuerClaim, ("mailbox.open", mailbox), ("mailbox.deliver", mailbox));
        var token = TokenOf("old", authority.Rsa);

        var away = await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(token));
        away.Problem.ShouldBe("authority-unavailable");
        away.Status.ShouldBe(503);
        away.Header("Retry-After").ShouldNotBeNull();
        (await node.DeliverAsync(mailbox, "m")).Status.ShouldBe(401);
        foreach (var way in Ways.All)
        {
            if (way == Way.Sse)
            {
                await using var told = await node.OpenAsync(way, mailbox, AccessSite.With(token));
                (await told.NextIsAsync(ControlEvents.Unavailable)).Json!.Value.GetProperty("reason").GetString().ShouldBe("authority-unavailable");
                (await told.ToEndAsync()).ShouldBeEmpty();
            }
            else
            {
                var refused = await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, mailbox, AccessSite.With(token)));
                refused.ProblemType.ShouldBe(ProblemTypes.AuthorityUnavailable, $"{way}");
            }
        }

        ((object?[])(await fixture.Redis.ExecuteAsync("KEYS", $"*{mailbox}*"))!).ShouldBeEmpty();
        await node.SaysAsync("The keys that " + authority.Address);

        authority.Start();
        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(token))).Status == 202, Patience.Long, "the authority is heard");

        // Tokens that fit no key make a node ask again after some seconds, and not before.
        await Task.Delay(TimeSpan.FromSeconds(6));
        using var newKey = RSA.Create(2048);
        authority.Publish(newKey, "new");
        (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(TokenOf("new", newKey)))).Status.ShouldBe(202);
        (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(token))).Status.ShouldBe(202);

        authority.Dispose();
        (await node.DeliverAsync(mailbox, "m", AccessSite.Bearer(token))).Status.ShouldBe(202); // what was read stays known
    }

    private Task<Answer> DeliverAsync(string mailbox, string token) => fixture.Node.DeliverAsync(mailbox, "m", AccessSite.Bearer(token));

    /// <summary>An authority, and a node that knows it.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal AuthorityStandIn Authority { get; } = new();

        public RedisServer Redis { get; private set; } = null!;

        public MailboxNode Node { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Authority.Publish(Authority.Rsa, Rsa);
            Authority.Publish(Authority.Ecdsa, Ecdsa);
            Authority.Start();
            Redis = await RedisServer.StartAsync();
            Node = await StartNodeAsync(Authority);
        }

        internal Task<MailboxNode> StartNodeAsync(AuthorityStandIn authority, params (string Name, string Value)[] settings) => Redis.StartNodeAsync(
            [Cluster.Unhurried, ("Mailbox:Access:Jwt:Authority", authority.Address), ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience), .. settings]);

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await Redis.DisposeAsync();
            Authority.Dispose();
        }
    }
}
