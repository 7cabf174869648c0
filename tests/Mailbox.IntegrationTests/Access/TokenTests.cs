using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>G12: without a proof that holds every call is refused alike, before anything else is said of it.</summary>
[Collection(AccessSite.Name)]
public sealed class TokenTests(AccessSite site)
{
    private const string Scope = "mailbox.admin";

    /// <summary>What is sent instead of a valid token, each otherwise as valid as can be.</summary>
    private static readonly Dictionary<string, Func<string>> Proofs = new()
    {
        ["none"] = () => "",
        ["empty"] = () => "Authorization:\r\n",
        ["scheme alone"] = () => "Authorization: Bearer\r\n",
        ["scheme and a space"] = () => "Authorization: Bearer \r\n",
        ["no scheme"] = () => $"Authorization: {AccessSite.Admin}\r\n",
        ["another scheme"] = () => $"Authorization: Token {AccessSite.Admin}\r\n",
        ["basic"] = () => $"Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes("admin:admin"))}\r\n",
        ["two headers"] = () => Header(AccessSite.Admin) + Header(AccessSite.Admin),
        ["two tokens in one header"] = () => Header($"{AccessSite.Admin}, Bearer {AccessSite.Admin}"),
        ["expired"] = () => Of(("exp", TokenIssuer.In(-60))),
        ["not yet valid"] = () => Of(("nbf", TokenIssuer.In(60))),
        ["without an end"] = () => Of(("exp", null)),
        ["an end that is none"] = () => Of(("exp", "never")),
        ["for another audience"] = () => Of(("aud", "another-service")),
        ["for several others"] = () => Of(("aud", new[] { "one", "two" })),
        ["for nobody"] = () => Of(("aud", null)),
        ["of another issuer"] = () => Of(("iss", "https://issuer.example.evil.com")),
        ["of no issuer"] = () => Of(("iss", null)),
        ["without a subject"] = () => Of(("sub", null)),
        ["with an empty subject"] = () => Of(("sub", "")),
        ["with a subject too long"] = () => Of(("sub", new string('s', 257))),
        ["alg none"] = () => Header(Unsigned("none")),
        ["alg None"] = () => Header(Unsigned("None")),
        ["alg none with a signature"] = () => Header(Unsigned("none") + AccessSite.Admin.Split('.')[2]),
        ["another algorithm with the right key"] = () => Header(AccessSite.OfAnotherAlgorithm.Make("admin", (Scope, "*"))),
        ["a key that is none of ours"] = () => Header(Stranger().Make("admin", (Scope, "*"))),
        ["a key that has a name and is none of ours"] = () => Header(TokenIssuer.Symmetric(RandomNumberGenerator.GetBytes(64), keyId: "unknown").Make("admin", (Scope, "*"))),
        ["a key of its own in the header"] = () =>
        {
            var key = RandomNumberGenerator.GetBytes(64);
            var jwk = new Dictionary<string, string> { ["kty"] = "oct", ["k"] = Base64(key) };
            return Header(TokenIssuer.Symmetric(key).MakeWith([("jwk", jwk)], "admin", (Scope, "*")));
        },
        ["tampered"] = () => Header(Tampered()),
        ["without its signature"] = () => Header(AccessSite.Admin[..(AccessSite.Admin.LastIndexOf('.') + 1)]),
        ["truncated"] = () => Header(AccessSite.Admin[..^10]),
        ["two parts"] = () => Header(AccessSite.Admin[..AccessSite.Admin.LastIndexOf('.')]),
        ["huge"] = () => Of(("filler", new string('x', 18_000))),
        ["zipped and encrypted"] = () => Header(ZippedJwe()),
        ["critical extension"] = () => Header(AccessSite.Issuer.MakeWith([("crit", new[] { "x" }), ("x", 1)], "admin", (Scope, "*"))),
        ["critical extension that is none"] = () => Header(AccessSite.Issuer.MakeWith([("crit", Array.Empty<string>())], "admin", (Scope, "*"))),
        ["not JSON"] = () => Header(AccessSite.Issuer.Sign("""{"alg":"HS256"}""", "payload")),
        ["dots"] = () => Header(".."),
        ["no token"] = () => Header("letmein"),
        ["a key that nobody has"] = () => Header("mbk_" + new string('A', 43)),
        ["a ticket"] = () => Header("mbt_" + new string('A', 43)),
    };

    public static TheoryData<string> Cases => [.. Proofs.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_proves_nothing_is_refused_alike_on_every_route_and_nothing_happens(string proof)
    {
        var mailbox = await site.PrimedAsync("secret");
        var before = await site.DigestAsync(mailbox);
        var other = Names.Fresh("nothing");
        foreach (var route in AccessRoute.All)
        {
            var header = Proofs[proof]();
            foreach (var name in new[] { mailbox, other })
            {
                var refused = await route.SendAsync(site.A.BaseAddress, name, header);
                ShouldBeUnauthorized(refused, header.Length > 0, route.Method == "HEAD", $"{route} with {proof}");
            }
        }

        (await site.DigestAsync(mailbox)).ShouldBe(before);
        await site.ShouldNotExistAsync(other);
        await site.ShouldHoldNoStreamAsync();
    }

    [Theory]
    [InlineData("GET", "/v1/mailboxes/.a", "")]
    [InlineData("GET", "/v1/mailboxes/~system/info", "")]
    [InlineData("GET", "/v1/mailboxes/a?mode=none&window=x", "")]
    [InlineData("POST", "/v1/messages", "not json")]
    [InlineData("POST", "/v1/tickets", "not json")]
    [InlineData("PUT", "/v1/mailboxes/a", "not json")]
    [InlineData("POST", "/v1/revocations", "not json")]
    [InlineData("GET", "/v1/mailboxes?cursor=x&prefix=.", "")]
    public async Task Who_calls_is_asked_before_what_is_wrong_with_the_call(string method, string target, string body) =>
        ShouldBeUnauthorized(await new AccessRoute(method, target, body).SendAsync(site.A.BaseAddress, "", ""), false, false, target);

    [Theory]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("DELETE", "/v1/cookie", 204)]
    public async Task What_is_for_everybody_asks_for_no_proof(string method, string target, int status) =>
        (await new AccessRoute(method, target).SendAsync(site.A.BaseAddress, "", "")).Status.ShouldBe(status);

    [Fact]
    public async Task A_body_that_nobody_may_send_is_not_waited_for()
    {
        await using var raw = await RawHttp.ConnectAsync(site.A.BaseAddress);
        await raw.WriteAsync($"POST /v1/mailboxes/a/messages HTTP/1.1\r\nHost: {site.A.BaseAddress.Authority}\r\nContent-Length: 60000\r\n\r\nbegin");

        (await raw.ReadResponseAsync(Patience.Long)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Tokens_of_every_key_that_is_configured_hold_and_a_scheme_s_case_does_not_count()
    {
        var mailbox = Names.Fresh("valid");
        foreach (var issuer in new[] { AccessSite.Issuer, AccessSite.OlderIssuer })
        {
            var token = issuer.Make("sender", ("mailbox.deliver", mailbox), ("aud", new[] { "another", TokenIssuer.Audience }), ("nbf", TokenIssuer.In(-5)));
            (await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(token))).Status.ShouldBe(202);
            (await site.A.DeliverAsync(mailbox, "m", ("Authorization", $"bEARER   {token}"))).Status.ShouldBe(202);
        }
    }

    [Fact]
    public async Task A_token_in_the_query_counts_only_for_receivers_and_where_it_is_allowed()
    {
        var mailbox = await site.PrimedAsync("m");
        var query = $"access_token={AccessSite.Admin}";
        var open = new AccessRoute("GET", "/v1/mailboxes/{}?wait=0", Headers: "Accept: application/json\r\n");

        (await open.SendAsync(site.A.BaseAddress, mailbox, "", query)).Status.ShouldBe(401);
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", query + "&" + query)).Status.ShouldBe(401);
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", query)).Status.ShouldBe(200);
        (await new AccessRoute("GET", "/v1/mailboxes/{}/info").SendAsync(site.C.BaseAddress, mailbox, "", query)).Status.ShouldBe(401);
        (await new AccessRoute("POST", "/v1/mailboxes/{}/messages", "x").SendAsync(site.C.BaseAddress, mailbox, "", query)).Status.ShouldBe(401);
        (await site.BodiesAsync(mailbox)).ShouldBe(["m"]);
    }

    [Fact]
    public async Task No_proof_reaches_the_log_however_much_is_written_there()
    {
        var mailbox = Names.Fresh("logged");
        var token = AccessSite.Issuer.Make("logged", ("mailbox.open", mailbox));
        var ticket = await AccessSite.TicketAsync(site.C, token, mailbox);
        var open = new AccessRoute("GET", "/v1/mailboxes/{}?wait=0", Headers: "Accept: application/json\r\n");
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", $"ticket={ticket.Ticket}")).Status.ShouldBe(200);
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", $"ticket={ticket.Ticket}")).Status.ShouldBe(401);
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", $"access_token={token}")).Status.ShouldBe(200);
        (await open.SendAsync(site.C.BaseAddress, mailbox, $"Authorization: Bearer {token}\r\n")).Status.ShouldBe(200);
        (await open.SendAsync(site.C.BaseAddress, mailbox, "", $"access_token={token}x")).Status.ShouldBe(401);

        await site.C.SaysAsync("Executing endpoint"); // what it can say is said
        var output = string.Join('\n', site.C.Output);
        output.ShouldNotContain(ticket.Ticket);
        output.ShouldNotContain(token.Split('.')[1]);
    }

    private static void ShouldBeUnauthorized(RawResponse response, bool hasHeader, bool isHead, string what)
    {
        response.Status.ShouldBe(401, $"{what}: {response.Text}");
        response.Header("WWW-Authenticate").ShouldBe(hasHeader ? "Bearer error=\"invalid_token\"" : "Bearer", what);
        response.Header("Cache-Control").ShouldBe("no-store", what);
        response.Header("Content-Type").ShouldBe("application/problem+json", what);
        response.Text.ShouldBe(
            isHead ? "" : $$"""{"type":"{{ProblemTypes.Unauthorized}}","title":"This call takes a valid token, key or ticket.","status":401}""", what);
    }

    private static string Header(string token) => $"Authorization: Bearer {token}\r\n";

    private static string Of(params (string, object?)[] claims) => Header(AccessSite.Issuer.Make("admin", [(Scope, "*"), .. claims]));

    private static TokenIssuer Stranger() => TokenIssuer.Symmetric(RandomNumberGenerator.GetBytes(64));

    private static string Unsigned(string algorithm) => $"{TokenIssuer.Encode($$"""{"alg":"{{algorithm}}"}""")}.{AccessSite.Admin.Split('.')[1]}.";

    private static string Tampered()
    {
        var parts = AccessSite.Issuer.Make("opener", ("mailbox.open", "one")).Split('.');
        return $"{parts[0]}.{AccessSite.Admin.Split('.')[1]}.{parts[2]}";
    }

    /// <summary>An encrypted token whose content would grow by a thousand times: direct encryption with a key that is not ours.</summary>
    private static string ZippedJwe()
    {
        using var zipped = new MemoryStream();
        using (var deflate = new DeflateStream(zipped, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(new byte[8 * 1024 * 1024]);
        }

        var header = TokenIssuer.Encode("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}""");
        using var aes = new AesGcm(RandomNumberGenerator.GetBytes(32), 16);
        var (nonce, tag, text) = (RandomNumberGenerator.GetBytes(12), new byte[16], new byte[zipped.Length]);
        aes.Encrypt(nonce, zipped.ToArray(), text, tag, Encoding.ASCII.GetBytes(header));
        return $"{header}..{Base64(nonce)}.{Base64(text)}.{Base64(tag)}";
    }

    private static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
