using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>Bodies that are slow, many or large, readers that do not read, and producers that do not stop.</summary>
[Collection(Alone.Name)]
public class BodyFloods(Cluster cluster, ITestOutputHelper output)
{
    private const int MaxBytes = 8 * 1024 * 1024;

    [Fact]
    public async Task Bodies_that_do_not_end_are_refused_and_what_they_hold_is_bounded()
    {
        await using var node = await cluster.StartNodeAsync(
            ("Mailbox:Limits:BodyTimeout", "00:00:15"), ("Mailbox:Limits:BodyBytes", $"{16 * 1024 * 1024}"));
        await using var memory = new MemoryWatch(node, output);
        var mailbox = Names.Fresh("flood-slow");
        await using var crowd = await Crowd.GatherAsync(node.BaseAddress, 60);
        await crowd.SendAsync(
            $"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {MaxBytes}\r\n\r\n" +
            $$"""{"to":["{{mailbox}}"],"data":"{{new string('x', 2_000_000)}}""");
        var told = new string[60];
        Array.Fill(told, "");
        await Eventually.HoldsAsync(
            async () =>
            {
                await crowd.SendAsync(new string('x', 500)); // fast enough for the rate
                told = [.. told.Zip(crowd.Arrived(), (before, now) => before + now)];
                return told.All(text => text.Length > 0);
            },
            Patience.Start,
            "all are answered");

        var statuses = told.Where(text => text.Length > 0).GroupBy(text => text[9..12]).ToDictionary(group => group.Key, group => group.Count());
        output.WriteLine(string.Join(", ", statuses.Select(pair => $"{pair.Value} x {pair.Key}")));
        statuses.Keys.ShouldBe(["503", "408"], ignoreOrder: true); // no room; and those that had some, too slow
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox), Keys.ListOf(mailbox))).ShouldBe(0L);
        (await node.DeliverManyAsync($$"""{"to":["{{mailbox}}"],"data":"{{new string('x', 60_000)}}"}""")).Status.ShouldBe(200);
        memory.StaysWithin(250);
    }

    [Fact]
    public async Task A_body_that_stops_is_not_waited_for()
    {
        await using var node = await cluster.StartNodeAsync();
        var mailbox = Names.Fresh("flood-stop");
        await using var raw = await RawHttp.ConnectAsync(node.BaseAddress);
        await raw.WriteAsync($"POST {MailboxRoutes.ForMessages(mailbox)} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
        var answer = await raw.ReadResponseAsync(Patience.Start);
        answer.Status.ShouldBe(408);
        answer.Text.ShouldContain(ProblemTypes.RequestTimeout);
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(mailbox), Keys.ListOf(mailbox))).ShouldBe(0L);
    }

    [Fact]
    public async Task A_million_recipients_are_refused_before_more_is_made_of_them()
    {
        await using var node = await cluster.StartNodeAsync();
        var name = Names.Fresh("flood-million");
        var text = new StringBuilder("{\"data\":1,\"to\":[");
        for (var i = 0; i < 1_000_000; i++)
        {
            text.Append('"').Append(Base36(i)).Append("\",");
        }

        var body = Encoding.ASCII.GetBytes(text.Append('"').Append(name).Append("\"]}").ToString());
        body.Length.ShouldBeLessThan(MaxBytes);
        await using var memory = new MemoryWatch(node, output);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => node.CallAsync("POST", "/v1/messages", body, ("Content-Type", "application/json"))));
        answers.ShouldAllBe(answer => answer.Status == 413 && answer.Problem == "too-large");
        answers[0].Text.ShouldContain("10000 recipients");
        (await cluster.RedisAsync("EXISTS", Keys.HashOf(name), Keys.HashOf(Base36(0)), Keys.HashOf(Base36(999_999)))).ShouldBe(0L);
        memory.StaysWithin(400);
    }

    [Fact]
    public async Task A_producer_that_floods_one_mailbox_and_one_that_floods_ten_thousand_fill_no_node()
    {
        await using var node = await cluster.StartNodeAsync();
        var (one, prefix) = (Names.Fresh("flood-one"), Names.Fresh("flood-all"));
        await cluster.A.PutAsync(one, """{"maxMessages":100}""");
        await using var memory = new MemoryWatch(node, output);
        var body = Encoding.UTF8.GetBytes(new string('x', 10_000));
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => node.CallAsync("POST", MailboxRoutes.ForMessages(one), body)));
        answers.Count(answer => answer.Status == 202).ShouldBe(100);
        answers.Where(answer => answer.Status != 202).ShouldAllBe(answer => answer.Problem == "mailbox-full");

        var all = JsonSerializer.Serialize(new { to = Enumerable.Range(0, 10_000).Select(i => $"{prefix}-{i}"), data = "x", ttl = 30 });
        var many = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => node.DeliverManyAsync(all)));
        many.ShouldAllBe(answer => answer.Status == 200);
        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        memory.StaysWithin(500);
        await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(one));
    }

    [Fact]
    public async Task Readers_that_do_not_read_are_cut_off_and_hold_no_more_than_their_buffers()
    {
        const int Readers = 300;
        var mailbox = Names.Fresh("flood-readers");
        await using var node = await cluster.StartNodeAsync(("Mailbox:WriteDeadline", "00:00:04"));
        await cluster.A.DeliverAllAsync(mailbox, Enumerable.Repeat(new string('x', 60_000), 60));
        await using var memory = new MemoryWatch(node, output);
        await using var crowd = await Crowd.GatherAsync(node.BaseAddress, Readers);
        await crowd.SendAsync($"GET {MailboxRoutes.ForMailbox(mailbox)}?mode=shared HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
        await Eventually.HoldsAsync(async () => await ConnectionsAsync(node) > Readers / 2, Patience.Start, "they are open");
        await Eventually.HoldsAsync(async () => await ConnectionsAsync(node) == 0, Patience.Start, "all are cut off");
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(60);
        memory.StaysWithin(600);
        await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(mailbox));
    }

    private static async Task<int> ConnectionsAsync(MailboxNode node) =>
        (await node.GetAsync("/info")).Json.GetProperty("connections").GetInt32();

    private static string Base36(int number)
    {
        const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
        Span<char> text = stackalloc char[5];
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[number % 36];
            number /= 36;
        }

        return new string(text);
    }
}
