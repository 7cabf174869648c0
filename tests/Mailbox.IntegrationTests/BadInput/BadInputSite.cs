using System.Globalization;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>One Redis and one node for all tests of bad input, and what every such test states: refused, nothing changed, still works.</summary>
public sealed class BadInputSite : IAsyncLifetime
{
    public const string Name = "Bad input";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode Node { get; private set; } = null!;

    public RedisCli Cli { get; private set; } = null!;

    public Uri Address => Node.BaseAddress;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        Cli = await Redis.ConnectAsync();
        Node = await MailboxNode.StartAsync(
            Redis,
            new MailboxNodeOptions
            {
                Http2 = true,
                StartDeadline = IntegrationTests.Patience.Start,
                Settings = new Dictionary<string, string> { [Cluster.Unhurried.Name] = Cluster.Unhurried.Value },
            });
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Cli.DisposeAsync();
        await Redis.DisposeAsync();
    }

    public static string HashOf(string mailbox) => $"mailbox:{{{mailbox}}}";

    public static string ListOf(string mailbox) => HashOf(mailbox) + ":messages";

    public static string IndexOf(string mailbox) => HashOf(mailbox) + ":index";

    public static string? TypeOf(RawResponse response)
    {
        if (response.Header("Content-Type") != "application/problem+json")
        {
            return null;
        }

        using var problem = JsonDocument.Parse(response.Body);
        problem.RootElement.GetProperty("status").GetInt32().ShouldBe(response.Status);
        problem.RootElement.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        return problem.RootElement.GetProperty("type").GetString();
    }

    /// <summary>Sends it as it is written; no answer at all, and any 5xx, is a failure.</summary>
    public Task<RawResponse> SendAsync(
        string method, string target, string body = "", params (string Name, string Value)[] headers) =>
        CheckedAsync(RawHttp.RequestAsync(Address, method, target, body, headers));

    public Task<RawResponse> SendAsync(ReadOnlyMemory<byte> request) => CheckedAsync(RawHttp.SendAsync(Address, request, Patience));

    /// <summary>A fresh mailbox that holds the message "before".</summary>
    public async Task<string> PrimedAsync()
    {
        var mailbox = Names.Fresh("bad");
        await DeliverAsync(mailbox, "before");
        return mailbox;
    }

    /// <returns>The message's id.</returns>
    public async Task<string> DeliverAsync(string mailbox, string body, params (string Name, string Value)[] headers)
    {
        var response = await SendAsync("POST", MailboxRoutes.ForMessages(mailbox), body, headers);
        response.Status.ShouldBeInRange(201, 202, response.Text);
        return JsonSerializer.Deserialize(response.Body, MailboxJsonContext.Default.DeliveryResult)!.Id!;
    }

    /// <summary>Every key there is, and what the keys of these mailboxes hold.</summary>
    public async Task<string> SnapshotAsync(params string[] mailboxes)
    {
        var keys = ((object?[])(await Cli.ExecuteAsync("KEYS", "*"))!).Select(RedisCli.TextOf).Order(StringComparer.Ordinal);
        object[] digest = ["DEBUG", "DIGEST-VALUE", .. mailboxes.SelectMany(m => new[] { HashOf(m), ListOf(m), IndexOf(m) })];
        var values = digest.Length > 2 ? (object?[])(await Cli.ExecuteAsync(digest))! : [];
        return string.Join('\n', keys.Concat(values.Select(RedisCli.TextOf)));
    }

    /// <summary>The whole statement: this status and problem type, and nothing in Redis is as if it had been asked for.</summary>
    public async Task<RawResponse> RefusesAsync(int status, string? type, Func<Task<RawResponse>> send, params string[] mailboxes)
    {
        var before = await SnapshotAsync(mailboxes);
        var response = await send();
        response.Status.ShouldBe(status, response.StatusLine + " " + response.Text);
        if (type is not null)
        {
            TypeOf(response).ShouldBe(type, response.Text);
            response.Header("Cache-Control").ShouldBe("no-store");
        }

        (await SnapshotAsync(mailboxes)).ShouldBe(before, "something was stored or changed");
        return response;
    }

    /// <summary>Delivers, and receives that and everything that was there before.</summary>
    public async Task WorksAsync(string mailbox, params string[] before)
    {
        var text = Names.Fresh("after");
        await DeliverAsync(mailbox, text);
        var expected = before.Append(text).ToList();
        (await ReceiveAsync(mailbox, expected.Count)).TakeLast(expected.Count).ShouldBe(expected);
    }

    /// <summary>Takes over by long-poll and reads from the oldest kept, until there are so many messages.</summary>
    public async Task<IReadOnlyList<string>> ReceiveAsync(string mailbox, int count)
    {
        await using var receiver = await Receivers.LongPollAsync(Address, mailbox);
        var bodies = new List<string>();
        while (bodies.Count < count)
        {
            var next = await receiver.NextAsync(Patience);
            next.Kind.ShouldNotBe(ReceivedKind.End);
            if (next.Kind == ReceivedKind.Message)
            {
                bodies.Add(next.Text);
            }
        }

        return bodies;
    }

    public async Task<MailboxInfo> InfoAsync(string mailbox)
    {
        var response = await SendAsync("GET", MailboxRoutes.ForInfo(mailbox));
        response.Status.ShouldBe(200, response.Text);
        return JsonSerializer.Deserialize(response.Body, MailboxJsonContext.Default.MailboxInfo)!;
    }

    /// <summary>No receiver is present any more, so that an open with a foreign cursor is not refused for that.</summary>
    public async Task DismissAsync(string mailbox) =>
        (await SendAsync("DELETE", MailboxRoutes.ForReceiver(mailbox))).Status.ShouldBe(204);

    /// <summary>A request's bytes: each character of the head below 256 is one byte.</summary>
    public byte[] Request(string method, string target, IEnumerable<string> headers, byte[] body, bool hasLength = true)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {Address.Authority}\r\nConnection: close\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        if (hasLength && (body.Length > 0 || method is "POST" or "PUT"))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    private static async Task<RawResponse> CheckedAsync(Task<RawResponse> sending)
    {
        var response = await sending;
        response.Status.ShouldBeInRange(100, 499, $"{response.StatusLine} {response.Text}");
        return response;
    }
}
