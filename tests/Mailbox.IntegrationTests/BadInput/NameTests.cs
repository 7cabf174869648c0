using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: what is not a mailbox name is refused on every route that has one, before routing folds it into another path.</summary>
[Collection(BadInputSite.Name)]
public sealed class NameTests(BadInputSite site)
{
    private static readonly string TooLong = new('a', 129);

    /// <summary>Method, target, whether it takes a body.</summary>
    private static readonly string[] Routes =
    [
        "GET /v1/mailboxes/{}",
        "PUT /v1/mailboxes/{}",
        "DELETE /v1/mailboxes/{}",
        "POST /v1/mailboxes/{}/messages",
        "GET /v1/mailboxes/{}/messages",
        "GET /v1/mailboxes/{}/messages/0123456789abcdef-1",
        "DELETE /v1/mailboxes/{}/messages/0123456789abcdef-1",
        "POST /v1/mailboxes/{}/ack",
        "GET /v1/mailboxes/{}/info",
        "DELETE /v1/mailboxes/{}/receiver",
    ];

    private static readonly (string Name, int Status, string? Type)[] BadNames =
    [
        ("%2F", 400, ProblemTypes.InvalidTarget),
        ("a%2Fb", 400, ProblemTypes.InvalidTarget),
        ("a%2fmessages", 400, ProblemTypes.InvalidTarget),
        ("%252F", 400, ProblemTypes.InvalidTarget),
        ("%5c", 400, ProblemTypes.InvalidTarget),
        ("a\\b", 400, ProblemTypes.InvalidTarget),
        ("%0d%0a", 400, ProblemTypes.InvalidTarget),
        ("a%0d%0aSet-Cookie:x", 400, ProblemTypes.InvalidTarget),
        ("%00", 400, null),
        ("a%00b", 400, null),
        ("%7f", 400, ProblemTypes.InvalidTarget),
        ("%ff", 400, ProblemTypes.InvalidTarget),
        ("%C0%AF", 400, ProblemTypes.InvalidTarget),
        ("..", 400, ProblemTypes.InvalidTarget),
        (".", 400, ProblemTypes.InvalidTarget),
        ("%2e%2e", 400, ProblemTypes.InvalidTarget),
        (".%2E", 400, ProblemTypes.InvalidTarget),
        ("%2e", 400, ProblemTypes.InvalidTarget),
        ("%252e%252e", 400, ProblemTypes.InvalidTarget),
        ("..%2f..", 400, ProblemTypes.InvalidTarget),
        ("a/../b", 400, ProblemTypes.InvalidTarget),
        (".a", 400, ProblemTypes.InvalidName),
        ("%2ea", 400, ProblemTypes.InvalidName),
        (TooLong, 400, ProblemTypes.InvalidName),
        ("", 400, ProblemTypes.InvalidTarget),
        ("\u00c3\u00a9", 400, null), // é in UTF-8, as it is
        ("%C3%A9", 400, ProblemTypes.InvalidTarget),
        ("{}", 400, ProblemTypes.InvalidName),
        ("a{b}c", 400, ProblemTypes.InvalidName),
        ("%7B%7D", 400, ProblemTypes.InvalidName),
        ("a%20b", 400, ProblemTypes.InvalidName),
        ("a b", 400, null),
        ("*", 400, ProblemTypes.InvalidName),
        ("a:b", 400, ProblemTypes.InvalidName),
        ("a;x=1", 400, ProblemTypes.InvalidName),
        ("a%23b", 400, ProblemTypes.InvalidName),
        ("a%3Fb", 400, ProblemTypes.InvalidName),
        ("%", 400, ProblemTypes.InvalidTarget),
        ("a%2", 400, ProblemTypes.InvalidTarget),
        ("%zz", 400, ProblemTypes.InvalidTarget),
        ("~system", 403, ProblemTypes.Forbidden),
        ("%7Esystem", 403, ProblemTypes.Forbidden),
    ];

    /// <summary>For the sweep.</summary>
    internal static IEnumerable<Refusal> Refusals =>
        from route in Routes
        from bad in BadNames
        select Of(route, bad.Name);

    public static MatrixTheoryData<string, string> Cases => new(Routes, BadNames.Select(bad => bad.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bad_name_is_refused_on_every_route(string route, string name)
    {
        var refusal = Of(route, name);
        var response = await site.RefusesAsync(
            refusal.Status, refusal.Type, () => site.SendAsync(refusal.BytesFor(site, "m", "n")));
        if (refusal.Type is null)
        {
            response.Body.ShouldBeEmpty(); // the web server's own answer, before our code sees a request
        }
    }

    [Theory]
    [InlineData("/v1/mailboxes/%2e%2e/messages")]
    [InlineData("/v1/mailboxes/../messages")]
    [InlineData("/v1/mailboxes/a/../../messages")]
    [InlineData("/v1/./messages")]
    [InlineData("/v1/%2e/messages")]
    [InlineData("/v1//messages")]
    [InlineData("/v1/messages/")]
    public async Task A_folded_path_does_not_reach_deliver_to_many(string target)
    {
        var unused = Names.Fresh("folded");
        await site.RefusesAsync(400, ProblemTypes.InvalidTarget, () => site.SendAsync(
            "POST", target, $$"""{"to":["{{unused}}"],"data":"x"}""", ("Content-Type", "application/json")));
        await site.WorksAsync(unused);
    }

    [Fact]
    public async Task A_name_of_128_characters_works()
    {
        var name = Names.Fresh("long").PadRight(128, 'x');
        name.Length.ShouldBe(128);
        await site.WorksAsync(name);
    }

    [Fact]
    public async Task Escapes_that_need_not_be_name_the_same_mailbox()
    {
        var name = Names.Fresh("esc");
        await site.DeliverAsync($"{name}%2e%2Ex", "encoded");
        await site.WorksAsync(name + "..x", "encoded");
    }

    private static Refusal Of(string route, string name)
    {
        var (_, status, type) = BadNames.Single(bad => bad.Name == name);
        var space = route.IndexOf(' ', StringComparison.Ordinal);
        var method = route[..space];
        return new Refusal($"{route} with '{name}'", status, type)
        {
            Method = method,
            Target = route[(space + 1)..].Replace("{}", name, StringComparison.Ordinal),
            Headers = ["Accept: text/event-stream", "Content-Type: application/json"],
            Body = route.EndsWith("ack", StringComparison.Ordinal) ? Refusal.Utf8("""{"cursor":"x"}""")
                : method == "PUT" ? Refusal.Utf8("{}")
                : method == "POST" ? Refusal.Utf8("hello")
                : [],
        };
    }
}
