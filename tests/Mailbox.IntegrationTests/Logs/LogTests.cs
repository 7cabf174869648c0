using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;
using static Mailbox.TestKit.Secrets;

namespace Mailbox.IntegrationTests.Logs;

/// <summary>
/// Whatever is asked of a node, and whatever fails, its log holds no body, no token and no whole name. (Every other node of
/// the suite is looked through as well, when it ends.)
/// </summary>
public sealed class LogTests
{
    private static readonly TimeSpan WriteDeadline = TimeSpan.FromSeconds(2);

    private readonly string _body = Plant("body");
    private readonly string _token = Plant("token");
    private readonly string _name = Plant("name");
    private readonly string _key = Plant("key");

    private string Query => $"?access_token={_token}&ticket={_token}";

    private (string Name, string Value)[] Token => [("Authorization", "Bearer " + _token), ("Cookie", "mailbox=" + _token), ("X-Api-Key", _token)];

    public static TheoryData<bool> Levels => [false, true];

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task No_call_and_no_failure_puts_a_secret_into_the_log(bool isTalkative)
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"));
        await using var node = await redis.StartNodeAsync(
            [("Mailbox:WriteDeadline", $"{WriteDeadline:c}"), .. isTalkative ? Talkative : []]);

        await CallEverythingAsync(node);
        await SendWhatIsNoRequestAsync(node);
        await OpenEverythingAsync(node);
        await DamageAsync(node, redis);
        await ReadSlowlyAsync(node);
        await LoseRedisAsync(node, redis);
        await using var last = await node.OpenAsync(Way.Sse, _name);
        node.Terminate();
        await node.WaitForExitAsync(Patience.Start);

        FindIn(node.Output).ShouldBeEmpty();
        foreach (var told in new[] { "put in quarantine", "Redis does not answer", "Redis answers again", "Draining" })
        {
            node.Output.ShouldContain(line => line.Contains(told, StringComparison.Ordinal), "the run came by what is logged");
        }
    }

    private static (string Name, string Value)[] Talkative =>
    [
        ("Logging:LogLevel:Default", "Information"),
        ("Logging:LogLevel:Mailbox", "Trace"),
        ("Logging:LogLevel:Microsoft.AspNetCore", "Information"),
        ("Logging:Console:LogLevel:Microsoft.AspNetCore", "Information"),
        ("Logging:Console:LogLevel:Mailbox", "Trace"),
        ("Logging:Console:FormatterOptions:IncludeScopes", "true"),
    ];

    private async Task CallEverythingAsync(MailboxNode node)
    {
        (string Method, string Path, string? Body)[] calls =
        [
            ("POST", MailboxRoutes.ForMessages(_name), _body),
            ("POST", MailboxRoutes.ForMessages(_name), new string('x', 70_000) + _body),
            ("POST", MailboxRoutes.DeliverMany, $$"""{"to":["{{_name}}","bad {{_name}}"],"data":"{{_body}}","idempotencyKey":"{{_key}}"}"""),
            ("POST", MailboxRoutes.DeliverMany, $$"""{"to":["{{_name}}"],"{{_key}}":"{{_body}}"""),
            ("POST", MailboxRoutes.ForAck(_name), $$"""{"cursor":"{{_key}}"}"""),
            ("POST", MailboxRoutes.ForAck(_name), _body),
            ("PUT", MailboxRoutes.ForMailbox(_name), """{"maxMessages":1000}"""),
            ("PUT", MailboxRoutes.ForMailbox(_name), $$"""{"overflow":"{{_body}}"}"""),
            ("GET", MailboxRoutes.ForMessages(_name), null),
            ("GET", MailboxRoutes.ForMessage(_name, _key), null),
            ("DELETE", MailboxRoutes.ForMessage(_name, _key), null),
            ("GET", MailboxRoutes.ForInfo(_name), null),
            ("DELETE", MailboxRoutes.ForReceiver(_name), null),
            ("GET", MailboxRoutes.Mailboxes, null),
            ("GET", MailboxRoutes.Nodes, null),
            ("HEAD", MailboxRoutes.ForMailbox(_name), null),
            ("PATCH", MailboxRoutes.ForMailbox(_name), _body),
            ("GET", "/v1/" + _name, null),
            ("GET", "/" + _name, null),
            ("GET", $"/v1/mailboxes/%0a{_name}/info", null),
            ("DELETE", MailboxRoutes.ForMailbox(_name), null),
        ];
        foreach (var (method, path, body) in calls)
        {
            var bytes = body is null ? null : Encoding.UTF8.GetBytes(body);
            (string, string)[] headers = [.. Token, ("Idempotency-Key", _key), .. bytes is null ? [] : new[] { ("Content-Type", "application/json") }];
            (await node.CallAsync(method, path + Query, bytes, headers)).Status.ShouldBeLessThan(500);
        }

        await node.GetAsync($"{MailboxRoutes.Mailboxes}?prefix={_name}&cursor={_key}");
        foreach (var header in new[] { "TTL", "Topic", "Mailbox-Type", "Content-Encoding", "Content-Type", "X-Forwarded-For", "Origin" })
        {
            await node.DeliverAsync(_name, _body, [.. Token, (header, "~ " + _key)]);
        }
    }

    private async Task SendWhatIsNoRequestAsync(MailboxNode node)
    {
        string[] requests =
        [
            $"GET /v1/mailboxes/../{_name} HTTP/1.1\r\nHost: h\r\n\r\n",
            $"GET /v1/mailboxes/{_name}\u0001 HTTP/1.1\r\nHost: h\r\n\r\n",
            $"{_token} {_name}\r\n\r\n",
            $"GET {_name} HTTP/1.1\r\nHost: {_token}/\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: h\r\n{_token}\r\n\r\n",
            $"GET / HTTP/1.1\r\nHost: h\r\nX: {_token}{new string('x', 40_000)}\r\n\r\n",
            $"GET /{_name}{new string('x', 20_000)} HTTP/1.1\r\nHost: h\r\n\r\n",
            $"POST /v1/mailboxes/{_name}/messages HTTP/1.1\r\nHost: h\r\nContent-Length: {_key}\r\n\r\n",
            $"POST /v1/mailboxes/{_name}/messages HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{_body}\r\n",
            $"POST /v1/mailboxes/{_name}/messages HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: {_key}\r\n\r\n{_body}",
        ];
        foreach (var request in requests)
        {
            (await RawHttp.SendAsync(node.BaseAddress, request)).Status.ShouldBeInRange(400, 499);
        }
    }

    private async Task OpenEverythingAsync(MailboxNode node)
    {
        var headers = Token.ToDictionary(header => header.Name, header => header.Value);
        foreach (var way in Ways.All)
        {
            // One of its own: a session that is just ending would open a removed mailbox again, and take the next one's place.
            var name = Plant("name");
            await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, name, new ReceiverOptions { After = _key, Headers = headers }));
            await using var receiver = await node.OpenAsync(way, name, new ReceiverOptions { Ack = "client", Headers = headers });
            await node.DeliverAsync(name, _body);
            var message = await receiver.MessageAsync();
            if (way.IsWebSocket())
            {
                await receiver.AckAsync(_key); // closes it
            }
            else
            {
                await receiver.AckAsync(message.Cursor!);
            }

            await node.DeleteAsync(MailboxRoutes.ForMailbox(name));
        }
    }

    private async Task DamageAsync(MailboxNode node, RedisServer redis)
    {
        await redis.ExecuteAsync("RPUSH", Keys.ListOf(_name), $"\u0001{{{_body}");
        await node.GetAsync(MailboxRoutes.ForMessages(_name));
        await using (var receiver = await node.OpenAsync(Way.Ndjson, _name))
        {
            await receiver.ControlAsync(ControlEvents.Gap);
        }

        foreach (var key in new[] { Keys.HashOf(_name), Keys.ListOf(_name), Keys.IndexOf(_name) })
        {
            await redis.ExecuteAsync("SET", key, _body);
            await node.DeliverAsync(_name, _body, ("Idempotency-Key", _key));
            await node.GetAsync(MailboxRoutes.ForInfo(_name));
            await redis.ExecuteAsync("DEL", key);
        }

        await node.DeliverAsync(_name, _body);
        await redis.ExecuteAsync("HSET", Keys.HashOf(_name), "first", _body, "limits", _body);
        await node.DeliverAsync(_name, _body);
        await node.GetAsync(MailboxRoutes.ForMessages(_name));
        await redis.ExecuteAsync("DEL", Keys.HashOf(_name), Keys.ListOf(_name));
    }

    private async Task ReadSlowlyAsync(MailboxNode node)
    {
        await using var slow = await node.OpenAsync(Way.Ndjson, _name, new ReceiverOptions { ReadsAhead = false });
        var body = new string('x', 60_000) + _body;
        await Eventually.HoldsAsync(
            async () =>
            {
                await node.DeliverAsync(_name, body);
                return (await node.GetAsync("/info")).Json.GetProperty("connections").GetInt32() == 0;
            },
            Patience.Start,
            "who does not read is cut off");
        await node.DeleteAsync(MailboxRoutes.ForMailbox(_name));
    }

    private async Task LoseRedisAsync(MailboxNode node, RedisServer redis)
    {
        await using var stream = await node.OpenAsync(Way.WebSocket, _name);
        redis.Freeze();
        (await node.DeliverAsync(_name, _body, ("Idempotency-Key", _key))).Status.ShouldBe(503);
        await RefuseAllAsync(node);
        redis.Thaw();
        await HealthIsAsync(node, "\"ready\"");
        await redis.KillAsync();
        (await node.DeliverAsync(_name, _body)).Status.ShouldBe(503);
        await RefuseAllAsync(node);
        await redis.RestartAsync();
        await HealthIsAsync(node, "\"ready\"");
        await Eventually.HoldsAsync(async () => (await node.DeliverAsync(_name, _body)).Status is 201 or 202, Patience.Start, "deliveries are taken");
    }

    private async Task RefuseAllAsync(MailboxNode node)
    {
        await HealthIsAsync(node, "degraded");
        foreach (var way in Ways.All.Where(way => way != Way.Sse))
        {
            await Should.ThrowAsync<OpenRefusedException>(() => node.OpenAsync(way, Plant("away")));
        }

        await node.GetAsync(MailboxRoutes.ForInfo(_name) + Query);
        await node.GetAsync(MailboxRoutes.Mailboxes + Query);
    }

    private static Task HealthIsAsync(MailboxNode node, string state) => Eventually.HoldsAsync(
        async () => (await node.GetAsync("/health/ready")).Text.Contains(state, StringComparison.Ordinal), Patience.Start, $"the node is {state}");
}
