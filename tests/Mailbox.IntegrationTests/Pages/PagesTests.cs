using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Pages;

/// <summary>The files that a node has for browsers, and where it serves them.</summary>
public class PagesTests(Cluster cluster)
{
    private const string Library = "/mailbox.js";

    [Fact]
    public async Task The_library_is_there_for_everybody_and_lets_nothing_in_from_elsewhere()
    {
        var answer = await RawHttp.RequestAsync(cluster.A.BaseAddress, "GET", Library);

        answer.Status.ShouldBe(200);
        answer.Header("Content-Type").ShouldBe("text/javascript; charset=utf-8");
        answer.Header("X-Content-Type-Options").ShouldBe("nosniff");
        answer.Header("Cache-Control").ShouldBe("no-cache");
        ShouldLetNothingIn(answer.Header("Content-Security-Policy"));
        answer.Text.ShouldContain("export");
    }

    [Fact]
    public async Task What_a_browser_has_already_is_not_sent_again()
    {
        var first = await RawHttp.RequestAsync(cluster.A.BaseAddress, "GET", Library);
        using var head = new HttpRequestMessage(HttpMethod.Head, Library);
        using var elsewhere = await cluster.B.Http.SendAsync(head);
        elsewhere.Headers.ETag!.ToString().ShouldBe(first.Header("ETag"));
        (await elsewhere.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        var again = await RawHttp.RequestAsync(cluster.B.BaseAddress, "GET", Library, headers: ("If-None-Match", first.Header("ETag")!));

        again.Status.ShouldBe(304);
        again.Body.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Production", null, 404, 404)]
    [InlineData("Production", "true", 200, 404)]
    [InlineData("Development", null, 200, 200)]
    [InlineData("Development", "false", 404, 200)]
    public async Task Console_and_demos_are_where_they_are_wanted(string environment, string? enabled, int console, int demos)
    {
        await using var node = await MailboxNode.StartAsync(cluster.Redis, new MailboxNodeOptions
        {
            Environment = environment,
            StartDeadline = Patience.Start,
            Settings = enabled is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Mailbox:Console:Enabled"] = enabled },
        });

        foreach (var (page, status) in new[] { ("/console", console), ("/demos", demos), ("/demos/chat", demos) })
        {
            var answer = await RawHttp.RequestAsync(node.BaseAddress, "GET", page);
            answer.Status.ShouldBe(status, page);
            if (status == 200)
            {
                ShouldLetNothingIn(answer.Header("Content-Security-Policy"));
            }
        }

        (await node.GetAsync(Library)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("POST", Library, 405)]
    [InlineData("GET", "/mailbox.js/", 400)]
    [InlineData("GET", "/Mailbox.js", 400)]
    [InlineData("GET", "/console/../mailbox.js", 400)]
    [InlineData("GET", "/pages/mailbox.js", 404)]
    public async Task Nothing_else_is_served(string method, string path, int status) =>
        (await RawHttp.RequestAsync(cluster.A.BaseAddress, method, path)).Status.ShouldBe(status);

    /// <summary>Nothing but its own origin's, and in nobody's frame; what falls back to nothing else is named.</summary>
    private static void ShouldLetNothingIn(string? policy)
    {
        var directives = policy.ShouldNotBeNull().Split("; ").Select(directive => directive.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        foreach (var name in new[] { "default-src", "base-uri", "form-action", "frame-ancestors" })
        {
            directives.ShouldContainKeyAndValue(name, "'none'");
        }

        directives.Values.ShouldAllBe(sources => sources == "'none'" || sources == "'self'");
    }
}
