using System.Net;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>A list that is too long for a URL is posted, and opened by the id that answers.</summary>
public class KeptLists(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(ManyCalls.Ways);

    [Fact]
    public async Task A_thousand_mailboxes_come_on_one_connection_and_come_back_by_their_own_cursors()
    {
        var mailboxes = ManyCalls.Fresh(1_000);
        var cursors = new Dictionary<string, string>();
        string receiver;
        var first = await KeepAsync(cluster.A, mailboxes);
        await using (var stream = await OpenAsync(cluster.B, Way.Sse, first.Id))
        {
            var opened = await stream.AllOpenAsync(mailboxes);
            receiver = opened[0].Json!.Value.GetProperty("receiver").GetString()!;
            receiver.ShouldBe(first.Receiver);
            opened.ShouldAllBe(open => open.Places == null);
            foreach (var open in opened) cursors[open.Mailbox!] = open.Cursor!;

            await DeliverToAllAsync(mailboxes, "first");
            foreach (var message in await stream.MessagesAsync(1_000))
            {
                (message.Text, message.Places).ShouldBe(("first", null));
                cursors[message.Mailbox!] = message.Cursor!;
            }
        }

        await DeliverToAllAsync(mailboxes, "while away");
        var second = await KeepAsync(cluster.B, mailboxes, cursors);
        second.Receiver.ShouldBe(receiver);
        second.Id.ShouldNotBe(first.Id);
        await using var again = await OpenAsync(cluster.A, Way.Ndjson, second.Id);
        await again.AllOpenAsync(mailboxes);
        var messages = await again.MessagesAsync(1_000);
        messages.ShouldAllBe(message => message.Text == "while away");
        messages.Select(message => message.Mailbox!).Order(StringComparer.Ordinal).ShouldBe(mailboxes);
        await again.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Each_begins_where_the_list_says(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        foreach (var mailbox in mailboxes) await cluster.A.DeliverAllAsync(mailbox, ["m1", "m2"]);
        string cursor;
        await using (var single = await cluster.A.OpenAsync(Way.Ndjson, mailboxes[1]))
        {
            await single.NextIsAsync(ControlEvents.Open);
            cursor = (await single.MessageAsync()).Cursor!;
        }

        var kept = await KeepAsync(cluster.A, mailboxes, new() { [mailboxes[1]] = cursor, [mailboxes[2]] = "now" });
        await using var receiver = await OpenAsync(cluster.B, way, kept.Id);
        await receiver.AllOpenAsync(mailboxes);
        var messages = await receiver.MessagesAsync(3);
        messages.TextsOf(mailboxes[0]).ShouldBe(["m1", "m2"]);
        messages.TextsOf(mailboxes[1]).ShouldBe(["m2"]);
        await receiver.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_list_is_opened_once(Way way)
    {
        var mailboxes = ManyCalls.Fresh(2);
        var kept = await KeepAsync(cluster.A, mailboxes);
        await using var receiver = await OpenAsync(cluster.A, way, kept.Id);
        await receiver.AllOpenAsync(mailboxes);

        var refused = await Should.ThrowAsync<OpenRefusedException>(() => OpenAsync(cluster.B, way, kept.Id));
        (refused.Status, refused.ProblemType).ShouldBe((HttpStatusCode.NotFound, ProblemTypes.ListNotFound));
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task An_open_that_is_refused_for_a_while_leaves_the_list_as_it_was()
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var full = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "1"));
        await using var one = await full.OpenAsync(Way.Ndjson, Names.Fresh("many-one"));
        await one.NextIsAsync(ControlEvents.Open);
        var kept = await KeepAsync(full, mailboxes);
        var refused = await Should.ThrowAsync<OpenRefusedException>(() => OpenAsync(full, Way.Ndjson, kept.Id));
        refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);

        await using var receiver = await OpenAsync(cluster.A, Way.Ndjson, kept.Id);
        await receiver.AllOpenAsync(mailboxes);
    }

    [Fact]
    public async Task A_list_that_nobody_opens_goes()
    {
        var kept = await KeepAsync(cluster.A, ManyCalls.Fresh(1));
        var life = (long)(await cluster.RedisAsync("PTTL", Keys.OpenListOf(kept.Id)))!;
        life.ShouldBeInRange(1, 60_000);
        (kept.OpenBefore - DateTimeOffset.UtcNow).ShouldBeLessThan(TimeSpan.FromMinutes(2));
    }

    [Theory]
    [InlineData("""{}""", 400, "invalid-body")]
    [InlineData("""null""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":null}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":[]}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":[null]}""", 400, "invalid-name")]
    [InlineData("""{"mailboxes":[7]}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":"a"}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a","b/c"]}""", 400, "invalid-name")]
    [InlineData("""{"mailboxes":["a\nb"]}""", 400, "invalid-name")]
    [InlineData("""{"mailboxes":["a","a"]}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a","~other"]}""", 403, "forbidden")]
    [InlineData("""{"mailboxes":["a","~events"]}""", 404, "not-found")]
    [InlineData("""{"mailboxes":["a"],"after":{"b":"now"}}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a"],"after":{"a":"junk"}}""", 400, "invalid-cursor")]
    [InlineData("""{"mailboxes":["a"],"after":{"a":"now","a":"now"}}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a"],"receiver":"0000000000000000"}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a"],"receiver":"x"}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a"],"window":7}""", 400, "invalid-body")]
    [InlineData("""{"mailboxes":["a"]""", 400, "invalid-body")]
    public async Task What_is_no_list_is_refused(string body, int status, string problem)
    {
        var answer = await PostAsync(cluster.A, body);
        (answer.Status, answer.Problem).ShouldBe((status, problem), answer.Text);
    }

    [Fact]
    public async Task More_than_a_thousand_are_refused_and_cursors_of_two_receivers_and_a_body_that_is_too_large()
    {
        (await PostAsync(cluster.A, BodyOf(ManyCalls.Fresh(1_001)))).Problem.ShouldBe("invalid-body");
        (await PostAsync(cluster.A, new string(' ', 400_000))).Status.ShouldBe(413);

        var mailboxes = ManyCalls.Fresh(2);
        var cursors = new Dictionary<string, string>();
        foreach (var mailbox in mailboxes)
        {
            await using var single = await cluster.A.OpenAsync(Way.Ndjson, mailbox);
            cursors[mailbox] = (await single.NextIsAsync(ControlEvents.Open)).Cursor!;
        }

        var refused = await PostAsync(cluster.A, BodyOf(mailboxes, cursors));
        (refused.Status, refused.Problem).ShouldBe((400, "invalid-body"));
        refused.Text.ShouldContain("one receiver");
    }

    [Theory]
    [InlineData("id=", 404, "list-not-found")]
    [InlineData("id=0123456789abcdef0123456789abcdef", 404, "list-not-found")]
    [InlineData("id=0123456789ABCDEF0123456789ABCDEF", 404, "list-not-found")]
    [InlineData("id=*", 404, "list-not-found")]
    [InlineData("id=$&m=a", 400, "invalid-parameter")]
    [InlineData("id=$&after=now", 400, "invalid-parameter")]
    [InlineData("id=$&receiver=0123456789abcdef", 400, "invalid-parameter")]
    [InlineData("id=$&id=$", 400, "invalid-parameter")]
    [InlineData("id=$&window=0", 400, "invalid-parameter")]
    [InlineData("id=$&format=raw", 400, "invalid-parameter")]
    public async Task What_does_not_go_with_a_list_opens_nothing_and_leaves_it(string query, int status, string problem)
    {
        var mailboxes = ManyCalls.Fresh(1);
        var kept = await KeepAsync(cluster.A, mailboxes);
        var answer = await cluster.A.CallAsync(
            "GET", $"{MailboxRoutes.OpenMany}?{query.Replace("$", kept.Id, StringComparison.Ordinal)}", null, ("Accept", "text/event-stream"));
        (answer.Status, answer.Problem).ShouldBe((status, problem), answer.Text);
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailboxes[0]))).ShouldBe(0L);

        await using var receiver = await OpenAsync(cluster.A, Way.Ndjson, kept.Id);
        await receiver.AllOpenAsync(mailboxes);
    }

    [Fact]
    public async Task Junk_under_an_id_is_no_list()
    {
        var id = new string('a', 32);
        foreach (var junk in new[] { "", "junk", "0123456789abcdef\n../x", "0123456789abcdef\nalice junk" })
        {
            await cluster.RedisAsync("SET", Keys.OpenListOf(id), junk);
            var refused = await Should.ThrowAsync<OpenRefusedException>(() => OpenAsync(cluster.A, Way.Ndjson, id));
            refused.ProblemType.ShouldBe(ProblemTypes.ListNotFound, junk);
        }

        await cluster.RedisAsync("DEL", Keys.OpenListOf(id));
    }

    private static async Task<OpenListAnswer> KeepAsync(MailboxNode node, IReadOnlyList<string> mailboxes, Dictionary<string, string>? after = null)
    {
        var answer = await PostAsync(node, BodyOf(mailboxes, after));
        answer.Status.ShouldBe(201, answer.Text);
        var kept = JsonSerializer.Deserialize(answer.Text, MailboxJsonContext.Default.OpenListAnswer)!;
        (kept.Location, answer.Header("Location")).ShouldBe(($"/v1/open?id={kept.Id}", kept.Location));
        return kept;
    }

    private static Task<Answer> PostAsync(MailboxNode node, string body) =>
        node.CallAsync("POST", MailboxRoutes.Opens, Encoding.UTF8.GetBytes(body), ("Content-Type", "application/json"));

    private static string BodyOf(IReadOnlyList<string> mailboxes, Dictionary<string, string>? after = null) =>
        JsonSerializer.Serialize(new OpenListRequest(mailboxes, after), MailboxJsonContext.Default.OpenListRequest);

    private static async Task<StreamReceiver> OpenAsync(MailboxNode node, Way way, string id) =>
        (StreamReceiver)await node.OpenAsync(way, "unused", new ReceiverOptions { List = id });

    private async Task DeliverToAllAsync(IReadOnlyList<string> mailboxes, string text)
    {
        var answer = await cluster.A.DeliverManyAsync(JsonSerializer.Serialize(new { to = mailboxes, data = text }));
        answer.Status.ShouldBe(200, answer.Text);
    }
}
