using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: the list of mailboxes. A prefix is no pattern, and what else lies in Redis is no mailbox.</summary>
[Collection(BadInputSite.Name)]
public sealed class ListTests(BadInputSite site)
{
    private static readonly string[] BadPrefixes =
    [
        "*", "a*", "?", "a?", "[", "a[b]", "]", "^", "\\", "{", "}", "a}:messages", "a b", ".a", "a/b", "a\nb", "é", new string('a', 129),
    ];

    private static readonly string[] BadCursors =
    [
        "", "junk", "0", ".", "0.", ".0", "-1.0", "0.-1", "0.5.5", "0.x", "x.0", "+0.0", "0.99999999999999999999", "99999999999.0", "0 .0",
    ];

    internal static IEnumerable<Refusal> Refusals { get; } =
    [
        .. BadPrefixes.Select(prefix => Of($"prefix={Uri.EscapeDataString(prefix)}")),
        .. BadCursors.Select(cursor => Of($"cursor={Uri.EscapeDataString(cursor)}")),
        Of("prefix=%ff"), Of("prefix=%00"), Of("prefix=a&prefix=b"), Of("cursor=0.0&cursor=0.0"),
    ];

    public static TheoryData<string> RefusalNames => RefusalData.NamesOf(Refusals);

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public Task A_prefix_or_a_cursor_that_is_none_is_refused(string name) => Refusals.Named(name).HoldsAsync(site);

    [Theory]
    [InlineData("1.0")]
    [InlineData("2147483647.0")]
    [InlineData("0.12345")]
    [InlineData("0.9223372036854775807")]
    public async Task A_cursor_that_nobody_was_given_ends_the_list(string cursor)
    {
        var response = await site.SendAsync("GET", $"{MailboxRoutes.Mailboxes}?cursor={cursor}");
        response.Status.ShouldBe(200, response.Text);
    }

    [Fact]
    public async Task What_is_no_mailbox_is_not_listed()
    {
        var prefix = Names.Fresh("listed");
        await site.DeliverAsync(prefix, "x");
        foreach (var name in new[] { "/b", " ", "\n", "é", "*", new string('a', 129) })
        {
            await site.Cli.ExecuteAsync("SET", BadInputSite.HashOf(prefix + name), "x");
        }

        await site.Cli.ExecuteAsync("SET", "mailbox:{", "x");
        await site.Cli.ExecuteAsync("SET", "mailbox:{}", "x");
        await site.Cli.ExecuteAsync("SET", "mailbox:{\"}", "x");
        foreach (var query in new[] { "", "?prefix=" + prefix })
        {
            var names = new List<string>();
            string? cursor = null;
            do
            {
                var place = cursor is null ? "" : (query.Length == 0 ? "?" : "&") + $"cursor={cursor}";
                var response = await site.SendAsync("GET", MailboxRoutes.Mailboxes + query + place);
                response.Status.ShouldBe(200, response.Text);
                var page = JsonSerializer.Deserialize(response.Body, MailboxJsonContext.Default.MailboxList)!;
                names.AddRange(page.Mailboxes);
                cursor = page.Cursor;
            }
            while (cursor is not null);

            names.ShouldContain(prefix);
            names.ShouldAllBe(name => MailboxName.IsValid(name));
        }
    }

    private static Refusal Of(string query) =>
        new(query.Length > 60 ? query[..60] : query, 400, ProblemTypes.InvalidParameter) { Method = "GET", Target = "/v1/mailboxes?" + query };
}
