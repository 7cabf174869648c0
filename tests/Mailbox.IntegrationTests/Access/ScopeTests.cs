using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>G12: what a caller may do, and with which mailboxes.</summary>
[Collection(AccessSite.Name)]
public sealed class ScopeTests(AccessSite site)
{
    private const string Forbidden = ProblemTypes.Forbidden;

    /// <summary>In patterns and names, $ stands for a name of the test's own.</summary>
    [Theory]
    [InlineData("mailbox.open", "$", "$", "open")]
    [InlineData("mailbox.open", "$.*", "$.a", "open")]
    [InlineData("mailbox.open", "$.*", "$", "")]
    [InlineData("mailbox.open", "$.*", "$1", "")]
    [InlineData("mailbox.open", "$.*", "$1.a", "")]
    [InlineData("mailbox.open", "$", "$.a", "")]
    [InlineData("mailbox.open", "$", "$1", "")]
    [InlineData("mailbox.open", "x $ y", "$", "open")]
    [InlineData("mailbox.open", "*", "$", "open")]
    [InlineData("mailbox.open", "", "$", "")]
    [InlineData("mailbox.open", "$*x", "$x", "")]
    [InlineData("mailbox.open", "**", "$", "")]
    [InlineData("mailbox.open", "*$", "$", "")]
    [InlineData("mailbox.OPEN", "*", "$", "")]
    [InlineData("mailbox", "*", "$", "")]
    [InlineData("mailbox.deliver", "$", "$", "deliver")]
    [InlineData("mailbox.deliver", "$.*", "$.a", "deliver")]
    [InlineData("mailbox.deliver", "$.*", "$", "")]
    [InlineData("mailbox.admin", "$", "$", "open deliver admin")]
    [InlineData("mailbox.admin", "$.*", "$.a", "open deliver admin")]
    [InlineData("mailbox.admin", "$.*", "$", "")]
    [InlineData("mailbox.admin", "*", "$", "open deliver admin")]
    [InlineData("mailbox.open", "~*", "~$", "")]
    [InlineData("mailbox.admin", "*", "~$", "")]
    public async Task A_scope_allows_what_it_says_and_nothing_beside(string scope, string patterns, string name, string allowed)
    {
        var own = Names.Fresh("scope");
        var mailbox = name.Replace("$", own, StringComparison.Ordinal);
        var token = AccessSite.Issuer.Make("caller", (scope, patterns.Replace("$", own, StringComparison.Ordinal)));

        foreach (var route in AccessRoute.OfMailbox)
        {
            var needed = NeededBy(route);
            var response = await route.SendAsync(site.A.BaseAddress, mailbox, $"Authorization: Bearer {token}\r\n", "window=x");
            if (allowed.Split(' ').Contains(needed))
            {
                response.Status.ShouldNotBeOneOf([401, 403], $"{route}: {response.Text}");
            }
            else
            {
                response.Status.ShouldBe(403, $"{route}: {response.Text}");
                response.Text.ShouldContain(Forbidden);
            }
        }

        if (allowed.Length == 0)
        {
            await site.ShouldNotExistAsync(own);
        }
    }

    [Theory]
    [InlineData("scope", "mailbox.open:$ mailbox.deliver:$ openid")]
    [InlineData("scp", "mailbox.deliver:$")]
    [InlineData("scope", "[mailbox.open:x|mailbox.deliver:$]")]
    [InlineData("scp", "[mailbox.deliver:x|mailbox.deliver:$]")]
    [InlineData("mailbox.deliver", "[x|$]")]
    public async Task Scopes_come_as_a_text_or_as_an_array(string claim, string value)
    {
        var mailbox = Names.Fresh("scope");
        var text = value.Replace("$", mailbox, StringComparison.Ordinal);
        object given = text.StartsWith('[') ? text.Trim('[', ']').Split('|') : text;
        var token = AccessSite.Issuer.Make("sender", (claim, given));

        (await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(token))).Status.ShouldBe(202);
        (await site.A.DeliverAsync(mailbox + "x", "m", AccessSite.Bearer(token))).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("scope", "mailbox.deliver mailbox.admin:")]
    [InlineData("scope", "mailbox.deliver:")]
    [InlineData("scope", "deliver:*")]
    [InlineData("roles", "mailbox.deliver:*")]
    [InlineData("scope", "xmailbox.deliver:*")]
    public async Task A_scope_without_a_name_gives_nothing(string claim, string value)
    {
        var mailbox = Names.Fresh("scope");
        var token = AccessSite.Issuer.Make("sender", (claim, value));

        var refused = await site.A.DeliverAsync(mailbox, "m", AccessSite.Bearer(token));

        refused.Status.ShouldBe(403);
        refused.Problem.ShouldBe("forbidden");
        refused.Header("WWW-Authenticate").ShouldBe("Bearer error=\"insufficient_scope\"");
        await site.ShouldNotExistAsync(mailbox);
    }

    [Fact]
    public async Task Of_many_recipients_each_is_asked_for_by_itself()
    {
        var own = Names.Fresh("many");
        var token = AccessSite.Issuer.Make("sender", ("mailbox.deliver", own + ".*"));

        var answer = await AccessSite.PostAsync(
            site.A, MailboxRoutes.DeliverMany, $$"""{"to":["{{own}}.a","{{own}}","{{own}}.b","~x","."],"data":"m"}""", AccessSite.Bearer(token));

        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32()).ShouldBe([202, 403, 202, 403, 400]);
        ((object?[])(await site.RedisAsync("KEYS", $"*{own}*:messages"))!).Select(RedisCli.TextOf)
            .ShouldBe([Keys.ListOf(own + ".a"), Keys.ListOf(own + ".b")], ignoreOrder: true);
    }

    [Theory]
    [InlineData("mailbox.admin", "*", 200, 200, 200)]
    [InlineData("mailbox.admin", "$.*", 403, 200, 403)]
    [InlineData("mailbox.admin", "$", 403, 403, 403)]
    [InlineData("mailbox.open", "*", 403, 403, 403)]
    [InlineData("mailbox.deliver", "*", 403, 403, 403)]
    public async Task A_list_goes_as_far_as_its_caller_administers(string scope, string pattern, int all, int part, int nodes)
    {
        var own = Names.Fresh("list");
        var token = AccessSite.Bearer(AccessSite.Issuer.Make("lister", (scope, pattern.Replace("$", own, StringComparison.Ordinal))));
        await site.A.DeliverAsync(own + ".a", "m", AccessSite.Bearer(AccessSite.Admin));

        (await site.A.CallAsync("GET", "/v1/mailboxes", null, token)).Status.ShouldBe(all);
        (await site.A.CallAsync("GET", $"/v1/mailboxes?prefix={own}", null, token)).Status.ShouldBe(all);
        var listed = await site.A.CallAsync("GET", $"/v1/mailboxes?prefix={own}.", null, token);
        listed.Status.ShouldBe(part);
        listed.Text.Contains(own + ".a", StringComparison.Ordinal).ShouldBe(part == 200);
        (await site.A.CallAsync("GET", "/v1/nodes", null, token)).Status.ShouldBe(nodes);
        (await AccessSite.PostAsync(site.A, MailboxRoutes.Revocations, """{"caller":"nobody-of-that-name"}""", token)).Status.ShouldBe(nodes == 200 ? 204 : 403);
    }

    /// <summary>Item 3: whoever may not see a mailbox does not learn whether it is there.</summary>
    [Fact]
    public async Task What_one_may_not_do_is_refused_alike_whether_the_mailbox_exists_or_not()
    {
        var there = await site.PrimedAsync("secret");
        var absent = Names.Fresh("access");
        await using var receiver = await site.A.OpenAsync(Way.Sse, there, AccessSite.With(AccessSite.Admin));
        (await receiver.MessageAsync()).Text.ShouldBe("secret");
        var token = AccessSite.Issuer.Make("stranger", ("mailbox.admin", "somewhere-else"));
        var before = await site.DigestAsync(there);

        foreach (var route in AccessRoute.OfMailbox)
        {
            var answers = new List<string>();
            foreach (var mailbox in new[] { there, absent })
            {
                var response = await route.SendAsync(site.A.BaseAddress, mailbox, $"Authorization: Bearer {token}\r\n");
                response.Status.ShouldBe(403, $"{route}: {response.Text}");
                answers.Add(string.Join('\n', response.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {header.Value}")
                    .Append(response.StatusLine).Append(response.Text)));
            }

            answers[1].ShouldBe(answers[0], $"{route}");
        }

        var many = await AccessSite.PostAsync(
            site.A, MailboxRoutes.DeliverMany, $$"""{"to":["{{there}}","{{absent}}"],"data":"m"}""", AccessSite.Bearer(token));
        var results = many.Json.GetProperty("results").EnumerateArray().Select(result => result.GetRawText()).ToList();
        results[0].Replace(there, absent, StringComparison.Ordinal).ShouldBe(results[1]);
        results[1].ShouldContain("403");

        (await site.DigestAsync(there)).ShouldBe(before);
        await site.ShouldNotExistAsync(absent);
        await receiver.SilenceAsync();
    }

    private static string NeededBy(AccessRoute route) => (route.Method, route.Target) switch
    {
        ("POST", "/v1/mailboxes/{}/messages") or ("DELETE", "/v1/mailboxes/{}/messages/0123456789abcdef-1") => "deliver",
        ("PUT", _) or ("DELETE", _) => "admin",
        _ => "open",
    };
}
