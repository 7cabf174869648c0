using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>Pages of other origins: those that are listed, and no other.</summary>
[Collection(AccessSite.Name)]
public sealed class OriginTests(AccessSite site, Cluster anonymous)
{
    private const string Evil = "https://evil.example.com";

    [Theory]
    [InlineData(AccessSite.Origin)]
    [InlineData(AccessSite.OtherOrigin)]
    public async Task A_listed_origin_may_read_every_answer(string origin)
    {
        var mailbox = Names.Fresh("cors");
        foreach (var (status, token) in new[] { (202, AccessSite.Admin), (403, AccessSite.OpenOf("x")), (401, "x") })
        {
            var answer = await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(token), ("Origin", origin));

            answer.Status.ShouldBe(status);
            answer.Header("Access-Control-Allow-Origin").ShouldBe(origin);
            answer.Header("Access-Control-Allow-Credentials").ShouldBe("true"); // a cookie may come
            answer.Header("Access-Control-Expose-Headers")!.ShouldContain("Retry-After");
            answer.Header("Vary")!.ShouldContain("Origin");
        }

        await using var open = await Receivers.SseAsync(
            site.A.BaseAddress, mailbox, new ReceiverOptions { Headers = new Dictionary<string, string>(AccessSite.With(AccessSite.Admin).Headers) { ["Origin"] = origin } });
        open.Headers["Access-Control-Allow-Origin"].ShouldBe(origin);
        open.Headers["Vary"].ShouldContain("Origin");
        open.Headers["Vary"].ShouldContain("Accept");
    }

    [Fact]
    public async Task Without_a_cookie_no_credentials_are_allowed()
    {
        var answer = await site.C.CallAsync("GET", MailboxRoutes.Nodes, null, AccessSite.Bearer(AccessSite.Admin), ("Origin", AccessSite.Origin));

        answer.Header("Access-Control-Allow-Origin").ShouldBe(AccessSite.Origin);
        answer.Header("Access-Control-Allow-Credentials").ShouldBeNull();
    }

    [Theory]
    [InlineData("POST", "/v1/mailboxes/a/messages", "authorization,content-type,mailbox-type,ttl,topic,idempotency-key")]
    [InlineData("GET", "/v1/mailboxes/a", "last-event-id")]
    [InlineData("PUT", "/v1/mailboxes/a", "authorization")]
    [InlineData("DELETE", "/v1/cookie", "")]
    public async Task A_listed_origin_s_preflight_is_answered_without_a_token(string method, string path, string headers)
    {
        var answer = await PreflightAsync(site.A, path, AccessSite.Origin, method, headers);

        answer.Status.ShouldBe(204);
        answer.Header("Access-Control-Allow-Origin").ShouldBe(AccessSite.Origin);
        if (method != "GET")
        {
            answer.Header("Access-Control-Allow-Methods")!.ShouldContain(method);
        }

        foreach (var header in headers.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            answer.Header("Access-Control-Allow-Headers")!.ShouldContain(header, Case.Insensitive);
        }
    }

    [Theory]
    [InlineData(Evil)]
    [InlineData("null")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com.evil.com")]
    [InlineData("https://app.example.com:8443")]
    public async Task Another_origin_may_read_nothing(string origin)
    {
        var mailbox = await site.PrimedAsync("m");
        foreach (var answer in new[]
        {
            await PreflightAsync(site.A, MailboxRoutes.ForMessages(mailbox), origin, "POST", "authorization"),
            await site.A.CallAsync("GET", MailboxRoutes.ForMessages(mailbox), null, AccessSite.Bearer(AccessSite.Admin), ("Origin", origin)),
            await site.A.CallAsync("GET", MailboxRoutes.ForMessages(mailbox), null, ("Origin", origin)),
        })
        {
            answer.Headers.Keys.ShouldAllBe(name => !name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>A WebSocket's handshake passes by all that keeps a page from reading another origin.</summary>
    [Theory]
    [InlineData(Way.WebSocket)]
    [InlineData(Way.WebSocketOverHttp2)]
    public async Task A_WebSocket_of_another_origin_is_refused_whatever_it_proves(Way way)
    {
        var mailbox = Names.Fresh("cors");
        var token = AccessSite.OpenOf(mailbox);
        var ticket = await AccessSite.TicketAsync(site.A, token, mailbox);
        var foreign = new Dictionary<string, string> { ["Origin"] = Evil };
        foreach (var options in new[]
        {
            new ReceiverOptions { Ticket = ticket.Ticket, Headers = foreign },
            new ReceiverOptions { Headers = new Dictionary<string, string>(AccessSite.With(token).Headers) { ["Origin"] = Evil } },
        })
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => site.A.OpenAsync(way, mailbox, options));
            ((int)refused.Status).ShouldBe(403);
            refused.ProblemType.ShouldBe(ProblemTypes.ForeignOrigin);
        }

        await using var receiver = await site.A.OpenAsync(
            way, mailbox, new ReceiverOptions { Ticket = ticket.Ticket, Headers = new Dictionary<string, string> { ["Origin"] = AccessSite.Origin } });
        await receiver.NextIsAsync(ControlEvents.Open);
    }

    /// <summary>Whoever can reach such a server may call, and a page of elsewhere reaches it from its reader's machine.</summary>
    [Fact]
    public async Task A_server_for_everybody_is_not_for_pages_of_elsewhere()
    {
        var mailbox = Names.Fresh("cors");
        var own = anonymous.A.BaseAddress.GetLeftPart(UriPartial.Authority);
        foreach (var headers in new (string, string)[][] { [("Origin", Evil)], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")] })
        {
            (await anonymous.A.DeliverAsync(mailbox, "m", headers)).Problem.ShouldBe("foreign-origin");
            (await anonymous.A.CallAsync("GET", MailboxRoutes.ForMailbox(mailbox), null, headers)).Problem.ShouldBe("foreign-origin");
            (await anonymous.A.CallAsync("DELETE", MailboxRoutes.ForMailbox(mailbox), null, headers)).Problem.ShouldBe("foreign-origin");
        }

        ((object?[])(await anonymous.RedisAsync("KEYS", $"*{mailbox}*"))!).ShouldBeEmpty();
        (await anonymous.A.DeliverAsync(mailbox, "m", ("Origin", own))).Status.ShouldBe(202);
        (await anonymous.A.DeliverAsync(mailbox, "m")).Status.ShouldBe(202);
    }

    private static Task<Answer> PreflightAsync(MailboxNode node, string path, string origin, string method, string headers) => node.CallAsync(
        "OPTIONS", path, null, [("Origin", origin), ("Access-Control-Request-Method", method), .. headers.Length == 0 ? Array.Empty<(string, string)>() : [("Access-Control-Request-Headers", headers)]]);
}
