using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Transports;

/// <summary>Server-sent events as they stand on the wire, and who gets which transport.</summary>
public class ServerSentEvents(Cluster cluster)
{
    [Fact]
    public async Task The_stream_says_how_it_is_to_be_treated_before_anything_was_delivered()
    {
        await using var receiver = await Receivers.SseAsync(cluster.A.BaseAddress, Names.Fresh("sse"));

        receiver.Status.ShouldBe(200);
        receiver.Headers["Content-Type"].ShouldBe("text/event-stream");
        receiver.Headers["Cache-Control"].ShouldBe("no-store");
        receiver.Headers["X-Accel-Buffering"].ShouldBe("no");
        receiver.Headers["Vary"].ShouldBe("Accept, Origin");
        await receiver.NextIsAsync(ControlEvents.Open);
        receiver.RetryMilliseconds.ShouldNotBeNull();
        receiver.LastEventId.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Clients_are_told_different_times_to_come_back()
    {
        var times = new List<int?>();
        for (var i = 0; i < 8; i++)
        {
            await using var receiver = await Receivers.SseAsync(cluster.A.BaseAddress, Names.Fresh("retry"));
            await receiver.NextIsAsync(ControlEvents.Open);
            times.Add(receiver.RetryMilliseconds);
        }

        times.Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Every_line_of_a_text_is_a_data_line_and_named_messages_have_an_event_line()
    {
        var mailbox = Names.Fresh("lines");
        await cluster.A.DeliverAsync(mailbox, "one\ntwo\r\nthree", ("Mailbox-Type", "poem"));
        await cluster.A.DeliverAsync(mailbox, "nameless");

        var lines = await RawLinesAsync(mailbox, lastLine: "data: nameless");

        var poem = lines[(lines.IndexOf("event: poem") - 1)..];
        poem[0].ShouldStartWith("id: ");
        poem[1..5].ShouldBe(["event: poem", "data: one", "data: two", "data: three"]);
        poem[5].ShouldBe("");
        poem[6].ShouldStartWith("id: ");
        poem[7].ShouldBe("data: nameless");
    }

    [Fact]
    public async Task A_body_that_is_not_text_comes_as_an_event_of_its_own_name_with_the_envelope()
    {
        var mailbox = Names.Fresh("binary");
        await cluster.RedisAsync("RPUSH", Keys.ListOf(mailbox), new byte[] { 0xff, 0x00 });

        var lines = await RawLinesAsync(mailbox, lastLine: null, count: 9);

        lines.ShouldContain("event: mailbox.binary");
        lines.ShouldContain(line => line.StartsWith("data: {\"id\":") && line.Contains("\"dataBase64\":\"/wA=\""));
    }

    [Theory]
    [InlineData("text/event-stream", 200, "text/event-stream")]
    [InlineData("*/*", 200, "text/event-stream")]
    [InlineData("application/x-ndjson", 200, "application/x-ndjson")]
    [InlineData("application/json;q=0.5, application/x-ndjson;q=0.9", 200, "application/x-ndjson")]
    [InlineData("application/json", 200, "application/json")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 406, "application/problem+json")]
    [InlineData("image/png", 406, "application/problem+json")]
    [InlineData("no type at all", 406, "application/problem+json")]
    public async Task The_accept_header_chooses_the_transport(string accept, int status, string contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, MailboxRoutes.ForMailbox(Names.Fresh("accept")) + "?wait=0");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await cluster.A.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.ToString().ShouldBe(contentType);
        response.Headers.Vary.ShouldBe(["Accept", "Origin"]);
    }

    [Fact]
    public async Task A_link_that_is_pasted_into_a_browser_takes_over_nothing()
    {
        var mailbox = Names.Fresh("pasted");
        await using var receiver = await cluster.A.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);

        var answer = await cluster.B.CallAsync(
            "GET", MailboxRoutes.ForMailbox(mailbox), null, ("Accept", "text/html,*/*;q=0.8"));
        await cluster.A.DeliverAsync(mailbox, "still yours");

        answer.Status.ShouldBe(406);
        (await receiver.MessageAsync()).Text.ShouldBe("still yours");
    }

    [Fact]
    public async Task A_silent_stream_says_that_it_lives()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Heartbeat", "00:00:00.3"), ("Mailbox:Sweep", "00:00:00.5"));
        await using var sse = await node.OpenAsync(Way.Sse, Names.Fresh("heartbeat"));
        await using var ndjson = await node.OpenAsync(Way.Ndjson, Names.Fresh("heartbeat"));

        await Eventually.HoldsAsync(
            () => sse.HeartbeatCount >= 3 && ndjson.HeartbeatCount >= 3, Patience.Long, "three heartbeats came");
    }

    private async Task<List<string>> RawLinesAsync(string mailbox, string? lastLine, int count = int.MaxValue)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, MailboxRoutes.ForMailbox(mailbox));
        using var response = await cluster.B.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var deadline = new CancellationTokenSource(Patience.Long);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(deadline.Token), Encoding.UTF8);
        var lines = new List<string>();
        while (lines.Count < count && (lastLine is null || !lines.Contains(lastLine)))
        {
            lines.Add((await reader.ReadLineAsync(deadline.Token))!);
        }

        return lines;
    }
}
