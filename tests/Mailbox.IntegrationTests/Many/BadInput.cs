using System.Net;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>What cannot be opened is refused with a reason, and nothing is opened half-way (G11).</summary>
public class BadInput(Cluster cluster)
{
    private const string Sse = "text/event-stream";

    [Theory]
    [InlineData("", 400, "invalid-parameter")]
    [InlineData("m=", 400, "invalid-name")]
    [InlineData("m=$&m=a%2Fb", 400, "invalid-name")]
    [InlineData("m=$&m=..", 400, "invalid-name")]
    [InlineData("m=$&m=%7B%7D%0d%0a", 400, "invalid-name")]
    [InlineData("m=$&m=$", 400, "invalid-parameter")]
    [InlineData("m=$&m=~other", 403, "forbidden")]
    [InlineData("m=$&m=~events", 404, "not-found")]
    [InlineData("m=$&m=b&format=raw", 400, "invalid-parameter")]
    [InlineData("m=$&m=b&after=junk", 400, "invalid-cursor")]
    [InlineData("m=$&m=b&after=AQAAAAAAAAFVVVVVVVVVVVVVVVVVVVVVAAAAAAAAAAE", 400, "invalid-cursor")]
    [InlineData("m=$&m=b&after=AwAA", 400, "invalid-cursor")]
    [InlineData("m=$&m=b&after=now&after=now", 400, "invalid-parameter")]
    [InlineData("m=$&m=b&mode=both", 400, "invalid-parameter")]
    [InlineData("m=$&m=b&mode=shared&ack=client", 400, "invalid-parameter")]
    [InlineData("m=$&m=b&window=0", 400, "invalid-parameter")]
    [InlineData("m=$&m=b&receiver=0000000000000000", 400, "invalid-parameter")]
    public async Task It_is_refused_and_nothing_is_opened(string query, int status, string problem)
    {
        var mailbox = Names.Fresh("many-bad");
        var target = $"{MailboxRoutes.OpenMany}?{query.Replace("$", mailbox, StringComparison.Ordinal)}";
        foreach (var accept in new[] { Sse, "application/x-ndjson" })
        {
            var answer = await cluster.A.CallAsync("GET", target, null, ("Accept", accept));
            answer.Status.ShouldBe(status, answer.Text);
            answer.Problem.ShouldBe(problem);
            (answer.Header("Cache-Control"), answer.Header("Vary")).ShouldBe(("no-store", "Accept, Origin"));
        }

        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox))).ShouldBe(0L);
    }

    [Fact]
    public async Task More_than_a_hundred_are_refused()
    {
        var mailboxes = ManyCalls.Fresh(101);
        foreach (var way in ManyCalls.Ways)
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenManyAsync(way, mailboxes));
            (refused.Status, refused.ProblemType).ShouldBe((HttpStatusCode.BadRequest, ProblemTypes.InvalidParameter), $"{way}");
        }
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused_by_a_name_of_its_own()
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var receiver = await cluster.A.OpenManyAsync(Way.Sse, mailboxes);
        await receiver.AllOpenAsync(mailboxes);
        foreach (var list in new[] { mailboxes[..2], [.. mailboxes, Names.Fresh("one-more")], [mailboxes[0], mailboxes[1], Names.Fresh("instead")] })
        {
            foreach (var way in ManyCalls.WaysWithPlaces)
            {
                var refused = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenManyAsync(way, list, new() { LastEventId = receiver.LastPlaces }));
                (refused.Status, refused.ProblemType).ShouldBe((HttpStatusCode.BadRequest, ProblemTypes.CursorOfAnotherList));
            }
        }

        foreach (var damaged in new[] { receiver.LastPlaces![..^3], receiver.LastPlaces + "AAAA", receiver.LastPlaces[..^1] + "=" })
        {
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenManyAsync(Way.Sse, mailboxes, new() { LastEventId = damaged }));
            refused.ProblemType.ShouldBe(ProblemTypes.InvalidCursor);
        }

        var single = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenAsync(Way.Sse, mailboxes[0], new() { LastEventId = receiver.LastPlaces }));
        single.ProblemType.ShouldBe(ProblemTypes.InvalidCursor);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task A_WebSocket_takes_no_places_as_its_list_changes()
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var receiver = await cluster.A.OpenManyAsync(Way.Sse, mailboxes);
        await receiver.AllOpenAsync(mailboxes);

        var refused = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenManyAsync(Way.WebSocket, mailboxes, new() { After = receiver.LastPlaces }));
        refused.ProblemType.ShouldBe(ProblemTypes.InvalidCursor);
        await receiver.SilenceAsync();
    }

    [Theory]
    [InlineData("application/json", 406)]
    [InlineData("text/html", 406)]
    [InlineData("image/png", 406)]
    public async Task What_it_cannot_be_read_by_is_406_and_opens_nothing(string accept, int status)
    {
        var mailbox = Names.Fresh("many-accept");
        var answer = await cluster.A.CallAsync("GET", $"{MailboxRoutes.OpenMany}?m={mailbox}", null, ("Accept", accept));
        (answer.Status, answer.Problem).ShouldBe((status, "not-acceptable"));
        answer.Json.GetProperty("detail").GetString()!.ShouldContain("a long-poll has one");
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox))).ShouldBe(0L);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task It_takes_no_other_method(string method) =>
        (await cluster.A.CallAsync(method, $"{MailboxRoutes.OpenMany}?m=a")).Status.ShouldBe(405);

    [Fact]
    public async Task One_mailbox_that_the_store_cannot_open_refuses_all_and_the_others_are_left_again()
    {
        var mailboxes = ManyCalls.Fresh(3);
        await cluster.RedisAsync("SET", Keys.HashOf(mailboxes[1]), "not a hash");

        var refused = await Should.ThrowAsync<OpenRefusedException>(() => cluster.A.OpenManyAsync(Way.Ndjson, mailboxes));

        refused.ProblemType.ShouldBe(ProblemTypes.StoreConflict);
        foreach (var mailbox in new[] { mailboxes[0], mailboxes[2] }) await cluster.A.WaitUntilAbsentAsync(mailbox);
        await cluster.RedisAsync("DEL", Keys.HashOf(mailboxes[1]));
    }
}
