using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

/// <summary>What is refused is refused clearly, nothing of it is stored, and the mailbox works as before.</summary>
public class G11BadInput(Cluster cluster)
{
    private const string Foreign = "AQAAAAAAAAEgEl_g2upvYbdF0hfWHP79XmxzAK8jMh0"; // the form of a cursor, of no mailbox

    [Theory]
    [InlineData("Mailbox-Type", "with space", 400, "invalid-header")]
    [InlineData("Mailbox-Type", "mailbox.reset", 400, "invalid-header")]
    [InlineData("Mailbox-Type", "message", 400, "invalid-header")]
    [InlineData("TTL", "-1", 400, "invalid-header")]
    [InlineData("TTL", "soon", 400, "invalid-header")]
    [InlineData("TTL", "99999999999999999999", 400, "invalid-header")]
    [InlineData("Topic", "what is this", 400, "invalid-header")]
    [InlineData("Topic", "longer-than-the-thirty-two-characters", 400, "invalid-header")]
    [InlineData("Idempotency-Key", "", 400, "invalid-header")]
    [InlineData("Content-Encoding", "zstd", 415, "unsupported-media-type")]
    public async Task A_delivery_with_a_bad_header_is_refused(string name, string value, int status, string problem)
    {
        var mailbox = Names.Fresh("g11-header");

        var answer = await cluster.A.DeliverAsync(mailbox, "m", (name, value));

        answer.Status.ShouldBe(status, answer.Text);
        answer.Problem.ShouldBe(problem);
        await AssertUntouchedAsync(mailbox);
    }

    [Theory]
    [InlineData("/v1/mailboxes/%2e%2e/messages", "invalid-target")]
    [InlineData("/v1/mailboxes/../messages", "invalid-target")]
    [InlineData("/v1/mailboxes/a%2Fb/messages", "invalid-target")]
    [InlineData("/v1/mailboxes/a%252Fb/messages", "invalid-target")]
    [InlineData("/v1/mailboxes/a%0d%0ab/messages", "invalid-target")]
    [InlineData("/v1/mailboxes/.hidden/messages", "invalid-name")]
    [InlineData("/v1/mailboxes/a{b}/messages", "invalid-name")]
    [InlineData("/v1/mailboxes/~system/messages", "forbidden")]
    public async Task A_name_that_is_none_is_refused(string target, string problem)
    {
        var answer = await RawHttp.RequestAsync(cluster.A.BaseAddress, "POST", target, "m");

        answer.Status.ShouldBe(problem == "forbidden" ? 403 : 400);
        answer.Text.ShouldContain(ProblemTypes.Prefix + problem);
        answer.Header("Content-Type").ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("after=junk", "invalid-cursor")]
    [InlineData("after=0123456789abcdef-5", "invalid-cursor")]
    [InlineData("mode=both", "invalid-parameter")]
    [InlineData("ack=maybe", "invalid-parameter")]
    [InlineData("window=0", "invalid-parameter")]
    [InlineData("window=1001", "invalid-parameter")]
    [InlineData("receiver=me", "invalid-parameter")]
    [InlineData("format=xml", "invalid-parameter")]
    [InlineData("after=now&after=now", "invalid-parameter")]
    public async Task An_open_with_a_bad_parameter_is_refused_for_good(string query, string problem)
    {
        var mailbox = Names.Fresh("g11-open");

        var answer = await cluster.A.CallAsync(
            "GET", $"{MailboxRoutes.ForMailbox(mailbox)}?{query}", null, ("Accept", "text/event-stream"));

        answer.Status.ShouldBe(400);
        answer.Problem.ShouldBe(problem);
        await AssertUntouchedAsync(mailbox);
    }

    [Fact]
    public async Task A_cursor_of_another_mailbox_gives_a_reset_and_loses_nothing()
    {
        var mailbox = Names.Fresh("g11-foreign");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));

        foreach (var way in Ways.All)
        {
            await using var receiver = await cluster.B.OpenAsync(
                way, mailbox, new ReceiverOptions { After = Foreign, Ack = "client" });

            await receiver.ControlAsync(ControlEvents.Reset);
            (await receiver.TextsAsync(3)).ShouldBe(Reading.Numbered(1, 3));
        }
    }

    [Theory]
    [InlineData("""{"cursor":""", "invalid-body")]
    [InlineData("""{"cursor":5}""", "invalid-body")]
    [InlineData("""{}""", "invalid-cursor")]
    [InlineData("null", "invalid-body")]
    [InlineData("""{"cursor":"x","cursor":"y"}""", "invalid-body")]
    [InlineData("""{"cursor":"junk"}""", "invalid-cursor")]
    [InlineData("""{"cursor":"AQAAAAAAAAEgEl_g2upvYbdF0hfWHP79XmxzAK8jMh0","more":1}""", "invalid-body")]
    public async Task A_bad_acknowledgement_is_refused(string body, string problem)
    {
        var mailbox = Names.Fresh("g11-ack");

        var answer = await cluster.A.CallAsync(
            "POST", MailboxRoutes.ForAck(mailbox), System.Text.Encoding.UTF8.GetBytes(body), ("Content-Type", "application/json"));

        answer.Status.ShouldBe(400, answer.Text);
        answer.Problem.ShouldBe(problem);
        await AssertUntouchedAsync(mailbox);
    }

    [Fact]
    public async Task An_acknowledgement_with_a_cursor_of_another_mailbox_is_refused_and_removes_nothing()
    {
        var mailbox = Names.Fresh("g11-foreign-ack");
        await cluster.A.DeliverAllAsync(mailbox, ["m1"]);

        (await cluster.A.AckAsync(mailbox, Foreign)).Status.ShouldBe(409);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"timeToLive":0}""")]
    [InlineData("""{"maxMessages":-1}""")]
    [InlineData("""{"overflow":"explode"}""")]
    [InlineData("""{"unknown":1}""")]
    [InlineData("""[1]""")]
    public async Task Limits_that_cannot_be_are_refused(string json)
    {
        var mailbox = Names.Fresh("g11-put");

        var answer = await cluster.A.PutAsync(mailbox, json);

        answer.Status.ShouldBe(400);
        answer.Problem.ShouldBe("invalid-body");
        await AssertUntouchedAsync(mailbox);
    }

    [Fact]
    public async Task A_key_of_another_type_is_a_conflict_and_not_a_fault()
    {
        var mailbox = Names.Fresh("g11-type");
        await cluster.RedisAsync("SET", Keys.ListOf(mailbox), "not a list");

        var answer = await cluster.A.DeliverAsync(mailbox, "m");

        answer.Status.ShouldBe(409);
        answer.Problem.ShouldBe("store-conflict");
        await cluster.RedisAsync("DEL", Keys.ListOf(mailbox));
        (await cluster.A.DeliverAsync(mailbox, "m")).Status.ShouldBe(202);
    }

    private async Task AssertUntouchedAsync(string mailbox)
    {
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox), Keys.ListOf(mailbox), Keys.IndexOf(mailbox))).ShouldBe(0L);
        (await cluster.B.DeliverAsync(mailbox, "works")).Status.ShouldBe(202);
        await using var receiver = await cluster.A.OpenAsync(Way.Sse, mailbox);
        (await receiver.MessageAsync()).Text.ShouldBe("works");
    }
}
