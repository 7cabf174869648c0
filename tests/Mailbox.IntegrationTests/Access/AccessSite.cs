using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>
/// One Redis with three nodes that ask who calls: two alike, with tokens, keys, a cookie and other origins; and a third that gives
/// tickets little time, takes tokens from the query, knows no cookie and logs more.
/// </summary>
public sealed class AccessSite : IAsyncLifetime
{
    public const string Name = "Access";
    public const string Cookie = "mailbox_token";
    public const string Origin = "https://app.example.com";
    public const string OtherOrigin = "https://other.example.com:8443";

    /// <summary>The clock skew that the nodes allow.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(1);

    /// <summary>API keys: of a backend, the same one's next, of an operator, and of one who may open some.</summary>
    public const string Backend = "mbk_backend-one";
    public const string BackendNext = "mbk_backend-two";
    public const string Operator = "mbk_operator";
    public const string Reader = "mbk_reader";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(64);
    private static readonly byte[] OlderKey = RandomNumberGenerator.GetBytes(64);

    private RedisCli _cli = null!;

    public static TokenIssuer Issuer { get; } = TokenIssuer.Symmetric(Key);

    /// <summary>The key that is on its way out, and still counts.</summary>
    public static TokenIssuer OlderIssuer { get; } = TokenIssuer.Symmetric(OlderKey);

    /// <summary>With the right key and an algorithm that is not allowed.</summary>
    public static TokenIssuer OfAnotherAlgorithm { get; } = TokenIssuer.Symmetric(Key, "HS512");

    public static string Admin { get; } = Issuer.Make("admin", ("exp", TokenIssuer.In(24 * 3600)), ("mailbox.admin", "*"));

    public RedisServer Redis { get; private set; } = null!;

    public MailboxNode A { get; private set; } = null!;

    public MailboxNode B { get; private set; } = null!;

    /// <summary>The third one.</summary>
    public MailboxNode C { get; private set; } = null!;

    private static Dictionary<string, string> Shared => new()
    {
        [Cluster.Unhurried.Name] = Cluster.Unhurried.Value,
        ["Mailbox:Access:Jwt:Keys:0"] = Convert.ToBase64String(OlderKey),
        ["Mailbox:Access:Jwt:Keys:1"] = Convert.ToBase64String(Key),
        ["Mailbox:Access:Jwt:Issuer"] = TokenIssuer.Issuer,
        ["Mailbox:Access:Jwt:Audience"] = TokenIssuer.Audience,
        ["Mailbox:Access:Jwt:Algorithms:0"] = "HS256",
        ["Mailbox:Access:Jwt:ClockSkew"] = $"{Skew}",
        ["Mailbox:Access:Origins:0"] = Origin,
    };

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        _cli = await Redis.ConnectAsync();
        var two = Shared;
        two["Mailbox:Access:Origins:1"] = OtherOrigin;
        two["Mailbox:Access:Cookie"] = Cookie;
        var keys = new[]
        {
            ("backend", Backend, "mailbox.deliver:*"), ("backend", BackendNext, "mailbox.deliver:*"),
            ("operator", Operator, "mailbox.admin:*"), ("reader", Reader, "mailbox.open:readers.*"),
        };
        for (var i = 0; i < keys.Length; i++)
        {
            two[$"Mailbox:Access:ApiKeys:{i}:Name"] = keys[i].Item1;
            two[$"Mailbox:Access:ApiKeys:{i}:Hash"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(keys[i].Item2)));
            two[$"Mailbox:Access:ApiKeys:{i}:Scopes:0"] = keys[i].Item3;
        }

        var third = Shared;
        third["Mailbox:Access:TicketWait"] = "00:00:01";
        third["Mailbox:Access:TokenInQuery"] = "true";
        third["Logging:Console:LogLevel:Default"] = "Information"; // with which the web server writes down every request
        var nodes = await Task.WhenAll(new[] { two, two, third }.Select(settings =>
            MailboxNode.StartAsync(Redis, new MailboxNodeOptions { Http2 = true, StartDeadline = Patience.Start, Settings = settings })));
        (A, B, C) = (nodes[0], nodes[1], nodes[2]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in new IAsyncDisposable?[] { A, B, C, _cli, Redis }.OfType<IAsyncDisposable>())
        {
            await one.DisposeAsync();
        }
    }

    /// <summary>A token that may open these, and nothing else.</summary>
    public static string OpenOf(string mailboxes) => Issuer.Make("opener", ("mailbox.open", mailboxes));

    public Task<object?> RedisAsync(params object[] command) => _cli.ExecuteAsync(command);

    /// <summary>A fresh mailbox that holds this.</summary>
    public async Task<string> PrimedAsync(string body)
    {
        var mailbox = Names.Fresh("access");
        (await A.DeliverAsync(mailbox, body, Bearer(Admin))).Status.ShouldBe(202);
        return mailbox;
    }

    public static (string Name, string Value) Bearer(string token) => ("Authorization", $"Bearer {token}");

    public static ReceiverOptions With(string token) =>
        new() { Headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" } };

    /// <summary>What the mailbox's keys hold; which lease is left or not does not count.</summary>
    public async Task<string> DigestAsync(string mailbox)
    {
        var reply = (object?[])(await RedisAsync("DEBUG", "DIGEST-VALUE", Keys.HashOf(mailbox), Keys.ListOf(mailbox), Keys.IndexOf(mailbox)))!;
        return string.Join(' ', reply.Select(RedisCli.TextOf));
    }

    /// <summary>Nothing of this mailbox is in Redis, not even a ticket.</summary>
    public async Task ShouldNotExistAsync(string mailbox) =>
        ((object?[])(await RedisAsync("KEYS", $"*{mailbox}*"))!).Select(RedisCli.TextOf).ShouldBeEmpty();

    /// <summary>No stream is open on either node; those of the test before may just be leaving.</summary>
    public async Task ShouldHoldNoStreamAsync()
    {
        foreach (var node in new[] { A, B, C })
        {
            await Eventually.HoldsAsync(
                async () => (await node.CallAsync("GET", "/info", null, Bearer(Admin))).Json.GetProperty("connections").GetInt32() == 0,
                Patience.Long,
                "no stream is open");
        }
    }

    /// <summary>The messages that it holds.</summary>
    public async Task<string[]> BodiesAsync(string mailbox)
    {
        var answer = await A.CallAsync("GET", MailboxRoutes.ForMessages(mailbox), null, Bearer(Admin));
        answer.Status.ShouldBe(200, answer.Text);
        return [.. answer.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("data").GetString()!)];
    }

    internal static Task<Answer> PostAsync(MailboxNode node, string path, string json, params (string Name, string Value)[] headers) =>
        node.CallAsync("POST", path, Encoding.UTF8.GetBytes(json), [("Content-Type", "application/json"), .. headers]);

    public static async Task<TicketAnswer> TicketAsync(MailboxNode node, string token, string mailbox, string? mode = null, int? lifetime = null)
    {
        var json = JsonSerializer.Serialize(new TicketRequest(mailbox, mode, lifetime), MailboxJsonContext.Default.TicketRequest);
        var answer = await PostAsync(node, MailboxRoutes.Tickets, json, Bearer(token));
        answer.Status.ShouldBe(201, answer.Text);
        return JsonSerializer.Deserialize(answer.Body, MailboxJsonContext.Default.TicketAnswer)!;
    }

    /// <summary>By the operator, at node A.</summary>
    public async Task RevokeAsync(string json) =>
        (await PostAsync(A, MailboxRoutes.Revocations, json, Bearer(Admin))).Status.ShouldBe(204);
}

[CollectionDefinition(AccessSite.Name)]
public sealed class AccessDefinition : ICollectionFixture<AccessSite>;
