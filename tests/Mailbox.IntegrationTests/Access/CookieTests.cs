using System.Globalization;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>A cookie that carries a token is sent by the browser itself: so its page is looked at too.</summary>
[Collection(AccessSite.Name)]
public sealed class CookieTests(AccessSite site)
{
    private string Own => site.A.BaseAddress.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task A_token_becomes_a_cookie_that_no_script_reads_and_no_other_site_sends()
    {
        var ends = TokenIssuer.In(500);
        var token = AccessSite.Issuer.Make("browser", ("mailbox.open", "x"), ("exp", ends));

        var set = await site.A.CallAsync("POST", MailboxRoutes.Cookie, [], AccessSite.Bearer(token));

        set.Status.ShouldBe(204);
        var parts = set.Header("Set-Cookie")!.Split("; ");
        parts[0].ShouldBe($"{AccessSite.Cookie}={token}");
        parts.ShouldContain("path=/v1");
        parts.ShouldContain("httponly");
        parts.ShouldContain("samesite=strict");
        parts.ShouldNotContain("secure"); // on this machine a page may do without TLS
        parts.ShouldAllBe(part => !part.StartsWith("domain", StringComparison.OrdinalIgnoreCase));
        var expires = parts.Single(part => part.StartsWith("expires=", StringComparison.Ordinal))[8..];
        DateTimeOffset.Parse(expires, CultureInfo.InvariantCulture).ShouldBe(DateTimeOffset.FromUnixTimeSeconds(ends) + AccessSite.Skew);

        foreach (var host in new[] { "mailbox.example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1" })
        {
            set = await site.A.CallAsync("POST", MailboxRoutes.Cookie, [], AccessSite.Bearer(token), ("Host", host));
            set.Header("Set-Cookie")!.Split("; ").ShouldContain("secure", host);
        }
    }

    [Fact]
    public async Task It_is_taken_away_also_when_its_token_does_not_hold_any_more()
    {
        foreach (var cookie in new[] { AccessSite.Admin, "over", "" })
        {
            var cleared = await site.A.CallAsync("DELETE", MailboxRoutes.Cookie, null, Cookie(cookie), ("Origin", Own));

            cleared.Status.ShouldBe(204);
            var parts = cleared.Header("Set-Cookie")!.Split("; ");
            parts[0].ShouldBe($"{AccessSite.Cookie}=");
            parts.ShouldContain("expires=Thu, 01 Jan 1970 00:00:00 GMT");
            parts.ShouldContain("path=/v1");
        }

        var foreign = await site.A.CallAsync("DELETE", MailboxRoutes.Cookie, null, ("Origin", "https://evil.example.com"));
        foreign.Problem.ShouldBe("foreign-origin");
        foreign.Header("Set-Cookie").ShouldBeNull();
    }

    [Fact]
    public async Task What_is_no_token_in_the_header_becomes_no_cookie()
    {
        (await site.A.CallAsync("POST", MailboxRoutes.Cookie, [], Cookie(AccessSite.Admin), ("Origin", Own))).Problem.ShouldBe("invalid-header");

        var large = await site.A.CallAsync(
            "POST", MailboxRoutes.Cookie, [], AccessSite.Bearer(AccessSite.Issuer.Make("browser", ("filler", new string('x', 4_000)))));
        large.Problem.ShouldBe("invalid-header"); // a browser would drop it without a word
        large.Header("Set-Cookie").ShouldBeNull();
    }

    [Fact]
    public async Task It_opens_and_delivers_from_a_page_of_the_server_s_own_origin()
    {
        var mailbox = Names.Fresh("cookie");
        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Origin", Own))).Status.ShouldBe(202);
        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Origin", Own), ("Sec-Fetch-Site", "same-origin"))).Status.ShouldBe(202);
        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Sec-Fetch-Site", "same-origin"))).Status.ShouldBe(202);
        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Origin", AccessSite.Origin))).Status.ShouldBe(202);
        foreach (var way in Ways.All)
        {
            await using var receiver = await site.A.OpenAsync(way, mailbox, new ReceiverOptions { Headers = Headers(Cookie(AccessSite.Admin)) });
            (await receiver.MessageAsync()).Text.ShouldBe("m");
        }

        await using var withOrigin = await site.A.OpenAsync(
            Way.WebSocket, mailbox, new ReceiverOptions { Headers = Headers(Cookie(AccessSite.Admin), ("Origin", Own)) });
        await withOrigin.NextIsAsync(ControlEvents.Open);
    }

    /// <summary>
    /// Every browser that lives names the origin of a request that may change something; what names none is a program that has got
    /// hold of a cookie, or a browser that cannot be told from an attack.
    /// </summary>
    [Fact]
    public async Task A_call_that_changes_something_says_which_page_it_comes_from()
    {
        var mailbox = await site.PrimedAsync("m");
        var before = await site.DigestAsync(mailbox);
        foreach (var route in AccessRoute.OfMailbox.Where(route => route.Method != "GET"))
        {
            var refused = await route.SendAsync(site.A.BaseAddress, mailbox, $"Cookie: {AccessSite.Cookie}={AccessSite.Admin}\r\n");
            refused.Status.ShouldBe(403, $"{route}");
            refused.Text.ShouldContain(ProblemTypes.ForeignOrigin);
        }

        (await site.DigestAsync(mailbox)).ShouldBe(before);
    }

    [Theory]
    [InlineData("https://evil.example.com", "")]
    [InlineData("https://app.example.com.evil.com", "")]
    [InlineData("https://app.example.comevil.com", "")]
    [InlineData("https://evilapp.example.com", "")]
    [InlineData("http://app.example.com", "")]
    [InlineData("https://app.example.com:8443", "")]
    [InlineData("https://app.example.com:443", "")]
    [InlineData("https://other.example.com", "")]
    [InlineData("https://APP.example.com", "")]
    [InlineData("https://app.example.com/", "")]
    [InlineData("https://app.example.com https://app.example.com", "")]
    [InlineData("null", "")]
    [InlineData("file://", "")]
    [InlineData("http://127.0.0.1:1", "")]
    [InlineData("http://localhost:$", "")]
    [InlineData("http://127.0.0.1", "")]
    [InlineData("http://127.0.0.1:$0", "")]
    [InlineData("http://x@127.0.0.1:$", "")]
    [InlineData("127.0.0.1:$", "")]
    [InlineData("http://127.0.0.1:$", "cross-site")]
    [InlineData("http://127.0.0.1:$", "same-site")]
    [InlineData(null, "cross-site")]
    [InlineData(null, "same-site")]
    [InlineData(null, "nonsense")]
    public async Task From_a_page_of_elsewhere_it_opens_and_delivers_nothing(string? origin, string fetchSite)
    {
        var mailbox = await site.PrimedAsync("secret");
        var before = await site.DigestAsync(mailbox);
        var headers = $"Cookie: {AccessSite.Cookie}={AccessSite.Admin}\r\n" +
            (origin is null ? "" : $"Origin: {origin.Replace("$", $"{site.A.BaseAddress.Port}", StringComparison.Ordinal)}\r\n") +
            (fetchSite.Length == 0 ? "" : $"Sec-Fetch-Site: {fetchSite}\r\n");
        foreach (var route in AccessRoute.OfMailbox)
        {
            if (fetchSite.Length > 0 && origin is not null && route.Headers.Contains("Upgrade", StringComparison.Ordinal))
            {
                continue; // of a WebSocket's site browsers do not say the same
            }

            var refused = await route.SendAsync(site.A.BaseAddress, mailbox, headers);
            refused.Status.ShouldBe(403, $"{route}: {refused.Text}");
            refused.Text.ShouldContain(ProblemTypes.ForeignOrigin);
            refused.Header("Access-Control-Allow-Origin").ShouldBeNull();
        }

        (await site.DigestAsync(mailbox)).ShouldBe(before);
        await site.ShouldHoldNoStreamAsync();
    }

    [Fact]
    public async Task Two_origins_are_none()
    {
        var refused = await AccessRoute.OfMailbox[0].SendAsync(
            site.A.BaseAddress, "x", $"Cookie: {AccessSite.Cookie}={AccessSite.Admin}\r\nOrigin: {Own}\r\nOrigin: {Own}\r\n");

        refused.Status.ShouldBe(403);
    }

    /// <summary>A neighbouring site may set a second cookie of the same name.</summary>
    [Theory]
    [InlineData("{0}={1}; {0}={1}")]
    [InlineData("{0}={2}; {0}={1}")]
    [InlineData("{0}={1}; {0}={2}")]
    [InlineData("{0}=; {0}={1}")]
    [InlineData("{0}={1}; {0}=")]
    [InlineData("{0}=")]
    [InlineData("{0}")]
    [InlineData("MAILBOX_TOKEN={1}")]
    [InlineData("x{0}={1}")]
    [InlineData("{0}x={1}")]
    public async Task Two_cookies_or_another_s_are_no_proof(string cookies)
    {
        var stranger = AccessSite.OpenOf("*");
        var text = string.Format(CultureInfo.InvariantCulture, cookies, AccessSite.Cookie, AccessSite.Admin, stranger);
        var mailbox = Names.Fresh("cookie");

        (await site.A.DeliverAsync(mailbox, "m", ("Cookie", text), ("Origin", Own))).Status.ShouldBe(401);

        await site.ShouldNotExistAsync(mailbox);
        var twice = "Cookie: " + text.Replace("; ", "\r\nCookie: ", StringComparison.Ordinal) + $"\r\nOrigin: {Own}\r\n";
        (await AccessRoute.OfMailbox[0].SendAsync(site.A.BaseAddress, mailbox, twice)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Beside_other_cookies_it_is_found()
    {
        var text = $"a=b; {AccessSite.Cookie}={AccessSite.Admin};c=\"d;e\"; weird";

        (await site.A.DeliverAsync(Names.Fresh("cookie"), "m", ("Cookie", text), ("Origin", Own))).Status.ShouldBe(202);
    }

    [Fact]
    public async Task A_header_beats_it_also_when_it_is_wrong()
    {
        var mailbox = Names.Fresh("cookie");

        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Origin", Own), ("Authorization", "Bearer x"))).Status.ShouldBe(401);
        (await site.A.DeliverAsync(mailbox, "m", Cookie(AccessSite.Admin), ("Origin", Own), ("Authorization", "Basic x"))).Status.ShouldBe(401);
        await site.ShouldNotExistAsync(mailbox);
    }

    [Fact]
    public async Task Where_it_is_switched_off_it_is_neither_set_nor_read()
    {
        (await site.C.CallAsync("POST", MailboxRoutes.Cookie, [], AccessSite.Bearer(AccessSite.Admin))).Problem.ShouldBe("not-found");
        (await site.C.CallAsync("DELETE", MailboxRoutes.Cookie)).Problem.ShouldBe("not-found");
        (await site.C.CallAsync("GET", MailboxRoutes.Nodes, null, Cookie(AccessSite.Admin))).Status.ShouldBe(401);
        (await site.A.CallAsync("GET", MailboxRoutes.Nodes, null, Cookie(AccessSite.Admin))).Status.ShouldBe(200);
    }

    private static (string Name, string Value) Cookie(string token) => ("Cookie", $"{AccessSite.Cookie}={token}");

    private static Dictionary<string, string> Headers(params (string Name, string Value)[] headers) =>
        headers.ToDictionary(header => header.Name, header => header.Value);
}
