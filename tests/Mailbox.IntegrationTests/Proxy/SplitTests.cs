using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>An answer that is many messages is delivered as it comes.</summary>
[Collection(ProxySite.Name)]
public sealed class SplitTests(ProxySite site)
{
    [Fact]
    public async Task Each_line_is_a_message_and_comes_before_the_next_is_written()
    {
        var mailbox = Names.Fresh("lines");
        await using var stream = await site.Node.OpenAsync(Way.Ndjson, mailbox);
        await stream.NextIsAsync("open");
        var goOn = new SemaphoreSlim(0);
        var call = site.CallAsync(async http =>
        {
            Head(http, mailbox, "lines", "application/x-ndjson");
            for (var i = 1; i <= 3; i++)
            {
                await http.Response.WriteAsync($"{{\"n\":{i}}}\r\n\n \n");
                await goOn.WaitAsync();
            }

            await http.Response.WriteAsync("""{"n":"last, without an end"}""");
        });

        for (var i = 1; i <= 3; i++)
        {
            (await stream.MessageAsync()).Json!.Value.GetProperty("data").GetProperty("n").GetInt32().ShouldBe(i);
            goOn.Release();
        }

        (await stream.MessageAsync()).Text.ShouldBe("""{"n":"last, without an end"}""");
        var answer = await call;
        answer.Status.ShouldBe(202);
        (Number(answer, "messages"), Number(answer, "delivered"), Number(answer, "notDelivered")).ShouldBe((4, 4, 0));
    }

    [Fact]
    public async Task Events_are_read_as_a_browser_reads_them()
    {
        var mailbox = Names.Fresh("sse");
        const string Body =
            "\uFEFFdata: first\n\n" +
            ": a comment\nevent: chat\ndata:no space\ndata:  two\rdata\n\r\n" +
            "event: nobody\n\nid: 7\nretry: 10\ndata: plain\r\n\r\n" +
            "event: message\ndata: unnamed\n\n" +
            "unknown: x\ndata\n\n" +
            "event: cut\ndata: no empty line behind it";

        var answer = await site.CallAsync(http =>
        {
            Head(http, mailbox, "sse", "text/event-stream");
            return http.Response.WriteAsync(Body);
        });

        answer.Status.ShouldBe(202, answer.Text);
        var messages = await site.MessagesAsync(mailbox);
        messages.Select(message => message.GetProperty("data").GetString()).ShouldBe(["first", "no space\n two\n", "plain", "unnamed", ""]);
        messages.Select(message => message.TryGetProperty("type", out var type) ? type.GetString() : null).ShouldBe([null, "chat", null, null, null]);
        messages.ShouldAllBe(message => message.GetProperty("contentType").GetString() == "text/plain; charset=utf-8");
    }

    [Theory]
    [InlineData("lines", "a\nb\n", "{0}\nlater\n")]
    [InlineData("sse", "data: a\n\ndata: b\n\n", "data: {0}\n\ndata: later\n\n")]
    public async Task A_message_over_the_limit_ends_it_and_what_came_before_stays(string split, string before, string over)
    {
        var mailbox = Names.Fresh("over");
        Task<Answer> CallAsync(int length) => site.CallAsync(http =>
        {
            Head(http, mailbox, split, "text/plain");
            return http.Response.WriteAsync(before + over.Replace("{0}", new string('x', length), StringComparison.Ordinal));
        });

        (await CallAsync(ProxySite.Limit)).Status.ShouldBe(202);
        var answer = await CallAsync(ProxySite.Limit + 1);

        (answer.Status, answer.Problem).ShouldBe((502, "backend-too-large"));
        answer.Text.ShouldContain("2 messages came before");
        (await site.TextsAsync(mailbox)).Select(text => text.Length > 10 ? "long" : text).ShouldBe(["a", "b", "long", "later", "a", "b"]);
    }

    [Theory]
    [InlineData("lines", "one\ntwo\nhalf")]
    [InlineData("sse", "data: one\n\ndata: two\n\ndata: half\n")]
    public async Task What_breaks_off_was_delivered_as_far_as_it_was_whole(string split, string body)
    {
        var mailbox = Names.Fresh("broken");
        var path = site.Raw.On(async socket =>
        {
            await RawBackend.SendAsync(
                socket, $"HTTP/1.1 200 OK\r\nMailbox-Deliver: {mailbox}\r\nMailbox-Split: {split}\r\nContent-Length: 1000\r\n\r\n{body}");
            await Eventually.HoldsAsync(async () => (await site.TextsAsync(mailbox)).Length == 2, Patience.Long, "two are there");
            RawBackend.Reset(socket);
        });

        var answer = await site.Node.GetAsync($"/raw/{path}");

        (answer.Status, answer.Problem).ShouldBe((502, "backend-broken"));
        answer.Text.ShouldContain("2 messages came before, with 2 deliveries and 0 refusals.");
        (await site.TextsAsync(mailbox)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task An_event_that_no_message_can_be_called_ends_it()
    {
        var mailbox = Names.Fresh("type");
        var answer = await site.CallAsync(http =>
        {
            Head(http, mailbox, "sse", "text/event-stream");
            return http.Response.WriteAsync("data: a\n\nevent: error\ndata: b\n\n");
        });
        (answer.Status, answer.Problem).ShouldBe((502, "backend-header"));
        (await site.TextsAsync(mailbox)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_key_makes_a_whole_stream_safe_to_repeat()
    {
        var mailbox = Names.Fresh("key");
        Task<Answer> CallAsync(string body, string key) => site.CallAsync(http =>
        {
            Head(http, mailbox, "lines", "text/plain");
            http.Response.Headers["Idempotency-Key"] = key;
            return http.Response.WriteAsync(body);
        });

        await CallAsync("a\nb\n", "k");
        await CallAsync("a\nb\nc\n", "k");
        var tooLong = await CallAsync("a\n", new string('k', 128));

        (await site.TextsAsync(mailbox)).ShouldBe(["a", "b", "c"]);
        (tooLong.Status, tooLong.Problem).ShouldBe((502, "backend-header"));
    }

    [Fact]
    public async Task Whoever_is_full_is_told_at_the_end()
    {
        var (full, free) = (Names.Fresh("full"), Names.Fresh("free"));
        (await site.Node.PutAsync(full, """{"maxMessages":1}""")).Status.ShouldBe(201);
        var answer = await site.CallAsync(http =>
        {
            Head(http, $"{full}, {free}", "lines", "text/plain");
            return http.Response.WriteAsync("a\nb\nc\n");
        });
        answer.Status.ShouldBe(202);
        (Number(answer, "messages"), Number(answer, "delivered"), Number(answer, "notDelivered")).ShouldBe((3, 4, 2));
        answer.Json.GetProperty("refusals").EnumerateArray().ShouldAllBe(refusal => refusal.GetProperty("mailbox").GetString() == full);
        (await site.TextsAsync(full)).ShouldBe(["a"]);
        (await site.TextsAsync(free)).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task An_encoded_stream_is_split_without_its_encoding()
    {
        var mailbox = Names.Fresh("gzip");
        var answer = await site.CallAsync(async http =>
        {
            Head(http, mailbox, "lines", "text/plain");
            http.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("a\nb\n"));
        });
        answer.Status.ShouldBe(202);
        (await site.TextsAsync(mailbox)).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_given_up_and_one_whose_caller_goes_ends()
    {
        var (silent, left) = (Names.Fresh("silent"), Names.Fresh("left"));
        var answer = await site.CallAsync(
            async http =>
            {
                Head(http, silent, "lines", "text/plain");
                await http.Response.WriteAsync("a\n");
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            },
            "/hasty");
        (answer.Status, answer.Problem).ShouldBe((504, "backend-timeout"));
        (await site.TextsAsync(silent)).ShouldBe(["a"]);

        var ended = new TaskCompletionSource();
        var path = site.Backend.On(async http =>
        {
            http.RequestAborted.Register(() => ended.TrySetResult());
            Head(http, left, "lines", "text/plain");
            await http.Response.WriteAsync("a\n");
            await ended.Task;
        });
        await using (var raw = await RawHttp.ConnectAsync(site.Node.BaseAddress))
        {
            await raw.WriteAsync($"GET /app/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
            await Eventually.HoldsAsync(async () => (await site.TextsAsync(left)).Length == 1, Patience.Long, "it has begun");
        }

        await ended.Task.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task A_caller_that_may_not_deliver_so_fast_slows_the_backend_down()
    {
        await using var node = await site.StartNodeAsync(
            ("Mailbox:Limits:DeliveriesPerSecond", "10"), ("Mailbox:Limits:DeliveryBurst", "10"), ("Mailbox:Limits:RecipientsPerCall", "10"));
        var mailbox = Names.Fresh("slow");
        var from = System.Diagnostics.Stopwatch.GetTimestamp();
        var answer = await node.GetAsync($"/app/{site.Backend.On(http =>
        {
            Head(http, mailbox, "lines", "text/plain");
            return http.Response.WriteAsync(string.Concat(Enumerable.Range(0, 30).Select(i => $"{i}\n")));
        })}");
        answer.Status.ShouldBe(202, answer.Text);
        (await site.TextsAsync(mailbox)).ShouldBe(Enumerable.Range(0, 30).Select(i => $"{i}"));
        System.Diagnostics.Stopwatch.GetElapsedTime(from).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.5));
    }

    private static void Head(HttpContext http, string mailboxes, string split, string contentType)
    {
        http.Response.Headers["Mailbox-Deliver"] = mailboxes;
        http.Response.Headers["Mailbox-Split"] = split;
        http.Response.ContentType = contentType;
    }

    private static long Number(Answer answer, string member) => answer.Json.GetProperty(member).GetInt64();
}
