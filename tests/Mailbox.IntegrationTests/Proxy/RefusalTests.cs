using System.Net.Sockets;
using Mailbox.Contracts;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>What cannot be delivered as the backend says is delivered to nobody, and the caller is told what was wrong.</summary>
[Collection(ProxySite.Name)]
public sealed class RefusalTests(ProxySite site)
{
    public static TheoryData<string, string, string> BadHeaders => new()
    {
        { "Mailbox-Type", "error", "Mailbox-Type" },
        { "TTL", "soon", "TTL" },
        { "Topic", "a b", "Topic" },
        { "Idempotency-Key", "a b", "Idempotency-Key" },
        { "Mailbox-Split", "words", "Mailbox-Split" },
        { "Mailbox-Response", "maybe", "Mailbox-Response" },
        { "Content-Encoding", "zstd", "Content-Encoding" },
        { "Mailbox-Deliver-Group", "a b", "Mailbox-Deliver-Group" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task A_control_header_that_is_not_valid_is_named(string name, string value, string told)
    {
        var mailbox = Names.Fresh("header");
        var answer = await site.DeliverAsync(mailbox, "body", (name, value));
        (answer.Status, answer.Problem).ShouldBe((502, "backend-header"));
        answer.Text.ShouldContain(told);
        answer.Headers.Keys.ShouldNotContain(header => header.StartsWith("Mailbox-", StringComparison.OrdinalIgnoreCase));
        (await site.MessagesAsync(mailbox)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{0}, not a name", "backend-header")]
    [InlineData("{0}, .hidden", "backend-header")]
    [InlineData("{0},", "backend-header")]
    [InlineData("", "backend-header")]
    [InlineData("{0}, ~events", "backend-delivery-refused")]
    public async Task One_name_that_is_none_is_enough(string names, string problem)
    {
        var mailbox = Names.Fresh("name");
        var answer = await site.DeliverAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, names, mailbox), "body");
        (answer.Status, answer.Problem).ShouldBe((502, problem));
        (await site.MessagesAsync(mailbox)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_route_that_is_narrow_keeps_its_backend_to_its_mailboxes()
    {
        var (user, other) = (Names.Fresh("user"), Names.Fresh("other"));

        var good = await site.CallAsync(http => ProxySite.AnswerAsync(http, $"{user}, bob", "yes", ("TTL", "30")), "/narrow");
        var bad = await site.CallAsync(http => ProxySite.AnswerAsync(http, $"{user}, {other}", "no"), "/narrow");

        good.Status.ShouldBe(202, good.Text);
        (bad.Status, bad.Problem).ShouldBe((502, "backend-delivery-refused"));
        bad.Text.ShouldNotContain(other);
        var group = await site.CallAsync(http => ProxySite.AnswerAsync(http, user, "no", ("Mailbox-Deliver-Group", "room")), "/narrow");
        (group.Status, group.Problem).ShouldBe((502, "backend-delivery-refused"));
        (await site.TextsAsync(user)).ShouldBe(["yes"]);
        (await site.MessagesAsync(other)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_delivered_to_nobody(bool saysItsLength)
    {
        var mailbox = Names.Fresh("large");
        var body = new string('x', ProxySite.Limit);
        Task<Answer> CallAsync(string text) => site.CallAsync(http =>
        {
            http.Response.ContentLength = saysItsLength ? text.Length : null;
            return ProxySite.AnswerAsync(http, mailbox, text);
        });

        (await CallAsync(body)).Status.ShouldBe(202);
        var over = await CallAsync(body + "x");

        (over.Status, over.Problem).ShouldBe((502, "backend-too-large"));
        (await site.TextsAsync(mailbox)).ShouldBe([body]);
    }

    [Fact]
    public async Task A_backend_that_takes_no_connection_is_unreachable()
    {
        var answer = await site.Node.GetAsync("/gone/x");
        (answer.Status, answer.Problem).ShouldBe((502, "backend-unreachable"));
        await site.Node.SaysAsync("A request to the backend of /gone failed: backend-unreachable.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nMailbox-Del")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task A_backend_that_hangs_up_before_its_answer_is_unreachable(string sent)
    {
        var answer = await site.Node.GetAsync($"/raw/{site.Raw.On(sent)}");
        (answer.Status, answer.Problem).ShouldBe((502, "backend-unreachable"));
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\npart", true)]
    [InlineData("Content-Length: 100\r\n\r\npart", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", false)]
    public async Task An_answer_for_mailboxes_that_breaks_off_is_delivered_to_nobody(string answered, bool byReset)
    {
        var mailbox = Names.Fresh("broken");
        var path = site.Raw.On(async socket =>
        {
            await RawBackend.SendAsync(socket, $"HTTP/1.1 200 OK\r\nMailbox-Deliver: {mailbox}\r\n{answered}");
            if (byReset)
            {
                RawBackend.Reset(socket);
            }
        });

        var answer = await site.Node.GetAsync($"/raw/{path}");

        // A reset may overtake what was sent before it: then the node has seen no answer at all.
        answer.Status.ShouldBe(502);
        answer.Problem.ShouldBeOneOf(byReset ? ["backend-broken", "backend-unreachable"] : ["backend-broken"]);
        (await site.MessagesAsync(mailbox)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backend_that_is_silent_for_too_long_is_given_up(bool hasBegun)
    {
        var mailbox = Names.Fresh("silent");
        var ended = new TaskCompletionSource();
        var answer = await site.CallAsync(
            async http =>
            {
                http.RequestAborted.Register(() => ended.TrySetResult());
                http.Response.Headers["Mailbox-Deliver"] = mailbox;
                if (hasBegun)
                {
                    await http.Response.WriteAsync("part");
                }

                await ended.Task;
            },
            "/hasty");
        (answer.Status, answer.Problem).ShouldBe((504, "backend-timeout"));
        await ended.Task.WaitAsync(Patience.Long);
        (await site.MessagesAsync(mailbox)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_body_over_the_limit_is_refused()
    {
        await using var node = await site.StartNodeAsync(("Mailbox:Proxy:MaxRequestBytes", "1000"));
        var path = site.Backend.On(async http => await http.Request.Body.CopyToAsync(Stream.Null));
        (await node.CallAsync("POST", $"/app/{path}", new byte[1000])).Status.ShouldBe(200);
        var answer = await node.CallAsync("POST", $"/app/{path}", new byte[1001]);
        (answer.Status, answer.Problem).ShouldBe((413, "too-large"));
    }

    [Fact]
    public async Task No_more_requests_are_under_way_than_may_be()
    {
        await using var node = await site.StartNodeAsync(("Mailbox:Proxy:MaxRequests", "1"));
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = node.GetAsync($"/app/{site.Backend.On(async http =>
        {
            begun.TrySetResult();
            await goOn.Task;
        })}");
        await begun.Task.WaitAsync(Patience.Long);
        var quick = $"/app/{site.Backend.On(_ => Task.CompletedTask)}";

        var second = await node.GetAsync(quick);
        goOn.SetResult();

        (second.Status, second.Problem).ShouldBe((503, "too-many"));
        second.Header("Retry-After").ShouldNotBeNull();
        (await first).Status.ShouldBe(200);
        await Eventually.HoldsAsync(async () => (await node.GetAsync(quick)).Status == 200, Patience.Long, "there is room again");
    }

    [Fact]
    public async Task A_caller_that_is_too_fast_does_not_reach_the_backend_and_one_with_too_many_mailboxes_delivers_to_none()
    {
        await using var node = await site.StartNodeAsync(
            ("Mailbox:Limits:DeliveriesPerSecond", "1"), ("Mailbox:Limits:DeliveryBurst", "20"), ("Mailbox:Limits:RecipientsPerCall", "20"));
        var prefix = Names.Fresh("fast");
        var asked = 0;
        var names = string.Join(',', Enumerable.Range(0, 20).Select(i => $"{prefix}-{i}"));
        var path = site.Backend.On(http =>
        {
            Interlocked.Increment(ref asked);
            return ProxySite.AnswerAsync(http, names, "body", ("TTL", "30"));
        });

        (await node.GetAsync($"/app/{path}")).Status.ShouldBe(202);
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync($"/app/{path}")) is { Status: 429, Problem: "too-many-requests" }, Patience.Long, "it is refused");
        (await site.MessagesAsync($"{prefix}-0")).Length.ShouldBe(1);
        var before = asked;
        await Eventually.HoldsAsync(
            async () =>
            {
                before = asked;
                var refused = await node.GetAsync($"/app/{path}");
                return refused.Status == 429 && asked == before;
            },
            Patience.Long,
            "the backend is not asked");
    }

    [Fact]
    public async Task Redis_away_is_told_as_for_any_delivery()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(
            [("Mailbox:Proxy:CallerKey", Convert.ToBase64String(ProxySite.CallerKey)), .. ProxySite.Route(0, "/app", site.Backend.Address)]);
        var mailbox = Names.Fresh("away");
        var path = site.Backend.On(http => ProxySite.AnswerAsync(http, $"{mailbox}, {mailbox}-2", "body", ("Mailbox-Response", "pass")));
        redis.Freeze();

        var answer = await node.GetAsync($"/app/{path}");
        var plain = await node.GetAsync($"/app/{site.Backend.On(http => http.Response.WriteAsync("plain"))}");
        redis.Thaw();

        (answer.Status, answer.Problem).ShouldBe((503, "store-unavailable"));
        answer.Header("Retry-After").ShouldNotBeNull();
        (plain.Status, plain.Text).ShouldBe((200, "plain"));
        await Eventually.HoldsAsync(async () => (await node.GetAsync($"/app/{path}")).Status == 200, Patience.Long, "it is delivered again");
    }

    [Theory]
    [InlineData("/app/../v1/mailboxes")]
    [InlineData("/app/%2e%2e/v1/mailboxes")]
    [InlineData("/app/..%2fv1")]
    [InlineData("/app/..%5cv1")]
    [InlineData("/app/%252e%252e/v1")]
    [InlineData("/app/%1f")]
    [InlineData("/app/%0d%0aX:1")]
    [InlineData("/app/%zz")]
    [InlineData("/app/%")]
    public async Task A_target_that_two_may_read_differently_reaches_no_backend(string target)
    {
        var answer = await RawHttp.RequestAsync(site.Node.BaseAddress, "GET", target);
        answer.Status.ShouldBe(400);
        answer.Text.ShouldContain(ProblemTypes.InvalidTarget);
    }

    [Theory]
    [InlineData("/APP/x", 400)]
    [InlineData("/apps/x", 404)]
    [InlineData("/ap%70/x", 400)]
    [InlineData("/v1/../app/x", 400)]
    public async Task A_path_that_is_no_routes_is_the_servers_own(string target, int status) =>
        (await RawHttp.RequestAsync(site.Node.BaseAddress, "GET", target)).Status.ShouldBe(status);
}
