using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: peek, read and take back with ids that are none, or that name nothing.</summary>
[Collection(BadInputSite.Name)]
public sealed class MessageIdTests(BadInputSite site)
{
    private static readonly string[] BadIds =
    [
        "junk", "0123456789abcdef", "0123456789abcdef-", "0123456789abcdef-0", "0123456789abcdef--1", "0123456789abcdef-+1", "0123456789abcdef-1.5",
        "0123456789abcdef-x", "0123456789abcdef-1-1", "0123456789ABCDEF-1", "0123456789abcde-1", "0123456789abcdef0-1", "0000000000000000-1",
        "0123456789abcdef-100000000000000", "0123456789abcdef-99999999999999999999", "-1", "1", "*", "a%20b", Cursors.Made, new string('a', 500),
    ];

    internal static IEnumerable<Refusal> Refusals { get; } =
    [
        .. from id in BadIds from method in new[] { "GET", "DELETE" } select Of($"{method} {id}", method, "/" + id),
        .. BadIds.Select(id => Of($"peek after={id}", "GET", "?after=" + id)),
        .. new[] { "after=", "after=%ff", "limit=0", "limit=-1", "limit=1001", "limit=junk", "limit=", "limit=1&limit=1", "limit=99999999999" }
            .Select(query => Of("peek " + query, "GET", "?" + query)),
        Of("GET another generation", "GET", "/0123456789abcdef-1") with { Status = 404, Type = ProblemTypes.MessageNotFound },
        Of("DELETE another generation", "DELETE", "/0123456789abcdef-1") with { Status = 404, Type = ProblemTypes.MessageNotFound },
        Of("peek after another generation", "GET", "?after=0123456789abcdef-1") with { Status = 404, Type = ProblemTypes.MessageNotFound },
        Of("peek in no mailbox", "GET", "") with { Target = "/v1/mailboxes/{n}/messages", Status = 404, Type = ProblemTypes.MailboxNotFound },
        Of("info of no mailbox", "GET", "") with { Target = "/v1/mailboxes/{n}/info", Status = 404, Type = ProblemTypes.MailboxNotFound },
        Of("GET in no mailbox", "GET", "") with { Target = "/v1/mailboxes/{n}/messages/0123456789abcdef-1", Status = 404, Type = ProblemTypes.MessageNotFound },
        Of("DELETE in no mailbox", "DELETE", "") with { Target = "/v1/mailboxes/{n}/messages/0123456789abcdef-1", Status = 404, Type = ProblemTypes.MessageNotFound },
    ];

    public static TheoryData<string> RefusalNames => RefusalData.NamesOf(Refusals);

    [Theory]
    [MemberData(nameof(RefusalNames))]
    public Task An_id_that_names_nothing_is_refused(string name) => Refusals.Named(name).HoldsAsync(site);

    [Theory]
    [InlineData(2)]
    [InlineData(1_000_000)]
    [InlineData(Cursors.MaxSequence)]
    public async Task A_sequence_that_is_not_there_is_not_found(long sequence)
    {
        var mailbox = await site.PrimedAsync();
        var id = $"{(await site.InfoAsync(mailbox)).Generation}-{sequence}";
        foreach (var method in new[] { "GET", "DELETE" })
        {
            await site.RefusesAsync(
                404, ProblemTypes.MessageNotFound, () => site.SendAsync(method, MailboxRoutes.ForMessage(mailbox, id)), mailbox);
        }

        // Nothing comes after it, which is an answer.
        var response = await site.SendAsync("GET", $"{MailboxRoutes.ForMessages(mailbox)}?after={id}");
        response.Status.ShouldBe(200);
        using var page = JsonDocument.Parse(response.Body);
        page.RootElement.GetProperty("messages").GetArrayLength().ShouldBe(0);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task Taken_back_twice_is_not_found()
    {
        var mailbox = await site.PrimedAsync();
        var id = await site.DeliverAsync(mailbox, "gone");
        (await site.SendAsync("DELETE", MailboxRoutes.ForMessage(mailbox, id))).Status.ShouldBe(204);
        await site.RefusesAsync(
            404, ProblemTypes.MessageNotFound, () => site.SendAsync("DELETE", MailboxRoutes.ForMessage(mailbox, id)), mailbox);
        await site.RefusesAsync(
            404, ProblemTypes.MessageNotFound, () => site.SendAsync("GET", MailboxRoutes.ForMessage(mailbox, id)), mailbox);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task What_a_sender_says_of_its_content_runs_nothing_here()
    {
        var mailbox = Names.Fresh("html");
        var id = await site.DeliverAsync(mailbox, "<script>alert(1)</script>", ("Content-Type", "text/html"));
        var response = await site.SendAsync("GET", MailboxRoutes.ForMessage(mailbox, id));
        response.Header("X-Content-Type-Options").ShouldBe("nosniff");
        response.Header("Content-Security-Policy").ShouldBe("sandbox");
    }

    private static Refusal Of(string name, string method, string rest) =>
        new(name, 400, ProblemTypes.InvalidParameter) { Method = method, Target = "/v1/mailboxes/{m}/messages" + rest };
}
