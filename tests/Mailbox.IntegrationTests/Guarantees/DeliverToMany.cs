using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class DeliverToMany(Cluster cluster)
{
    [Fact]
    public async Task Each_mailbox_succeeds_or_fails_by_itself()
    {
        var (there, away, full) = (Names.Fresh("many-there"), Names.Fresh("many-away"), Names.Fresh("many-full"));
        await cluster.A.PutAsync(full, """{"maxMessages":1}""");
        await cluster.A.DeliverAllAsync(full, ["m"]);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, there);
        await receiver.NextIsAsync(ControlEvents.Open);
        var request = JsonSerializer.Serialize(new
        {
            to = new[] { there, away, full, "not a name", "~system", there },
            data = new { text = "hi" },
            type = "greeting",
        });

        var answer = await cluster.A.DeliverManyAsync(request);

        answer.Status.ShouldBe(200, answer.Text);
        var results = JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.DeliverManyResponse)!.Results;
        results.Select(result => result.Mailbox).ShouldBe([there, away, full, "not a name", "~system"]);
        results.Select(result => result.Status).ShouldBe([201, 202, 507, 400, 403]);
        results[2].Type.ShouldBe(ProblemTypes.MailboxFull);
        var message = await receiver.MessageAsync();
        message.Id.ShouldBe(results[0].Id);
        message.Type.ShouldBe("greeting");
        message.Text.ShouldBe("""{"text":"hi"}""");
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task Lines_for_one_mailbox_arrive_in_their_order()
    {
        var mailbox = Names.Fresh("many-lines");
        var lines = Reading.Numbered(1, 600).Select(text => $$"""{"to":["{{mailbox}}"],"data":"{{text}}"}""");

        var answer = await cluster.A.DeliverManyAsync(string.Join("\n", lines) + "\n\n", "application/x-ndjson");

        answer.Json.GetProperty("results").GetArrayLength().ShouldBe(600);
        await using var receiver = await cluster.B.OpenAsync(Way.WebSocket, mailbox);
        (await receiver.TextsAsync(600)).ShouldBe(Reading.Numbered(1, 600));
    }

    [Fact]
    public async Task A_body_that_is_no_text_travels_in_base64()
    {
        var mailbox = Names.Fresh("many-binary");

        await cluster.A.DeliverManyAsync($$"""{"to":["{{mailbox}}"],"dataBase64":"/wAB","contentType":"image/png"}""");

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        var message = await receiver.MessageAsync();
        message.Body.ShouldBe([0xff, 0, 1]);
        message.ContentType.ShouldBe("image/png");
    }

    [Theory]
    [InlineData("""{"to":[],"data":1}""", 400)]
    [InlineData("""{"to":["M"]}""", 400)]
    [InlineData("""{"to":["M"],"data":1,"dataBase64":"AA=="}""", 400)]
    [InlineData("""{"to":["M"],"data":1,"ttl":-1}""", 400)]
    [InlineData("""{"to":["M",null],"data":1}""", 400)]
    [InlineData("""{"to":["M"],"data":1}{""", 400)]
    [InlineData("not json", 400)]
    public async Task A_request_that_is_wrong_anywhere_delivers_nothing(string json, int status)
    {
        var mailbox = Names.Fresh("many-wrong");
        var request = json.Replace("\"M\"", $"\"{mailbox}\"", StringComparison.Ordinal);

        var alone = await cluster.A.DeliverManyAsync(request);
        var last = await cluster.A.DeliverManyAsync(
            $$"""{"to":["{{mailbox}}"],"data":"good"}""" + "\n" + request, "application/x-ndjson");

        alone.Status.ShouldBe(status);
        last.Status.ShouldBe(status);
        alone.Problem.ShouldBeOneOf("invalid-body", "invalid-header");
        (await cluster.RedisAsync("EXISTS", Keys.ListOf(mailbox))).ShouldBe(0L);
    }

    [Theory]
    [InlineData(10_000, 200)]
    [InlineData(10_001, 413)]
    public async Task Ten_thousand_recipients_and_no_more(int count, int status)
    {
        var prefix = Names.Fresh("many");
        var request = JsonSerializer.Serialize(new { to = Enumerable.Range(1, count).Select(i => $"{prefix}-{i}"), data = "x", ttl = 5 });

        var answer = await cluster.A.DeliverManyAsync(request);

        answer.Status.ShouldBe(status);
        if (status == 200)
        {
            answer.Json.GetProperty("results").EnumerateArray().ShouldAllBe(result => result.GetProperty("status").GetInt32() == 202);
        }
    }
}
