using System.Security.Cryptography;
using Mailbox.Contracts;
using Mailbox.TestKit;
using Microsoft.AspNetCore.Http;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>One Redis, one node with routes, and what these lead to: a good backend, one that breaks off, and none at all.</summary>
public sealed class ProxySite : IAsyncLifetime
{
    public const string Name = "Proxy";

    /// <summary>How long the backend of <c>/hasty</c> may be silent.</summary>
    public static readonly TimeSpan Hasty = TimeSpan.FromSeconds(1);

    /// <summary>The most bytes of a message: small, for answers above it.</summary>
    public const int Limit = 4_096;

    internal static byte[] CallerKey { get; } = RandomNumberGenerator.GetBytes(32);

    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode Node { get; private set; } = null!;

    internal Backend Backend { get; private set; } = null!;

    internal RawBackend Raw { get; } = new();

    public async ValueTask InitializeAsync()
    {
        (Redis, Backend) = (await RedisServer.StartAsync(), await Backend.StartAsync());
        Node = await StartNodeAsync();
    }

    /// <summary>A node with the routes of this site; settings that are given come after them.</summary>
    public Task<MailboxNode> StartNodeAsync(params (string Name, string Value)[] settings) => Redis.StartNodeAsync(
    [
        Cluster.Unhurried,
        ("Mailbox:MaxMessageBytes", $"{Limit}"),
        ("Mailbox:Proxy:CallerKey", Convert.ToBase64String(CallerKey)),
        .. Route(0, "/app", Backend.Address, ("Timeout", "00:00:30")),
        .. Route(1, "/hasty", Backend.Address, ("Timeout", $"{Hasty}")),
        .. Route(2, "/raw", Raw.Address, ("Timeout", "00:00:30")),
        .. Route(3, "/gone", $"http://127.0.0.1:{FreePorts.Take()}"),
        .. Route(4, "/narrow", Backend.Address, ("Deliver:0", "user-*"), ("Deliver:1", "bob")),
        .. Route(5, "/app/credentials", Backend.Address + "/", ("PassCredentials", "true")),
        .. settings,
    ]);

    public static (string Name, string Value)[] Route(int index, string path, string backend, params (string Name, string Value)[] more) =>
    [
        ($"Mailbox:Proxy:Routes:{index}:Path", path), ($"Mailbox:Proxy:Routes:{index}:Backend", backend),
        .. more.Select(one => ($"Mailbox:Proxy:Routes:{index}:{one.Name}", one.Value)),
    ];

    /// <summary>Calls a path that is answered so.</summary>
    internal Task<Answer> CallAsync(RequestDelegate answer, string route = "/app", params (string Name, string Value)[] headers) =>
        Node.CallAsync("GET", $"{route}/{Backend.On(answer)}", null, headers);

    /// <summary>An answer for mailboxes.</summary>
    internal Task<Answer> DeliverAsync(string mailboxes, string body, params (string Name, string Value)[] headers) =>
        CallAsync(http => AnswerAsync(http, mailboxes, body, headers));

    internal static Task AnswerAsync(HttpContext http, string mailboxes, string body, params (string Name, string Value)[] headers)
    {
        http.Response.Headers[MailboxHeaders.Deliver] = mailboxes;
        foreach (var (name, value) in headers)
        {
            http.Response.Headers[name] = value;
        }

        return http.Response.WriteAsync(body);
    }

    /// <summary>The messages that it holds, oldest first; none when there is no such mailbox.</summary>
    internal async Task<System.Text.Json.JsonElement[]> MessagesAsync(string mailbox)
    {
        var answer = await Node.GetAsync(MailboxRoutes.ForMessages(mailbox));
        return answer.Status == 404 ? [] : [.. answer.Json.GetProperty("messages").EnumerateArray()];
    }

    internal async Task<string[]> TextsAsync(string mailbox) =>
        [.. (await MessagesAsync(mailbox)).Select(message => message.GetProperty("data").ToString())];

    public async ValueTask DisposeAsync()
    {
        Raw.Dispose();
        foreach (var one in new IAsyncDisposable?[] { Node, Backend, Redis }.OfType<IAsyncDisposable>())
        {
            await one.DisposeAsync();
        }
    }
}

[CollectionDefinition(ProxySite.Name)]
public sealed class ProxyDefinition : ICollectionFixture<ProxySite>;
