using System.Net;
using System.Security.Cryptography;
using System.Text;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>A backend with an API key makes tickets; the server that it talks to lets nobody else in.</summary>
public sealed class TicketTests : IAsyncLifetime
{
    private const string Key = "mbk_a-key-of-the-tests";

    private readonly string _mailbox = Names.Fresh("ticket");
    private RedisServer _redis = null!;
    private MailboxNode _node = null!;
    private MailboxClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _node = await MailboxNode.StartAsync(_redis, new MailboxNodeOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Mailbox:Access:ApiKeys:0:Name"] = "backend",
                ["Mailbox:Access:ApiKeys:0:Hash"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key))),
                ["Mailbox:Access:ApiKeys:0:Scopes:0"] = "mailbox.open:ticket*",
                ["Mailbox:Access:ApiKeys:0:Scopes:1"] = "mailbox.deliver:ticket*",
            },
        });
        _client = NewClient(_ => Key);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_ticket_opens_the_mailbox_once_for_who_has_no_header()
    {
        var ticket = await _client.CreateTicketAsync(_mailbox, new TicketOptions { Lifetime = TimeSpan.FromMinutes(5) });
        ticket.Mailbox.ShouldBe(_mailbox);
        ticket.Location.ShouldEndWith("?ticket=" + ticket.Ticket);
        ticket.Expires.ShouldBeInRange(DateTimeOffset.UtcNow.AddMinutes(4), DateTimeOffset.UtcNow.AddMinutes(6));
        await _client.SendAsync(_mailbox, "for the browser");

        using var opened = await _node.Http.GetAsync(ticket.Location, HttpCompletionOption.ResponseHeadersRead);
        opened.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(await opened.Content.ReadAsStreamAsync());
        string? line;
        do
        {
            line = await reader.ReadLineAsync(Loops.Deadline);
        }
        while (line is not (null or "data: for the browser"));

        line.ShouldNotBeNull();
        using var again = await _node.Http.GetAsync(ticket.Location, HttpCompletionOption.ResponseHeadersRead);
        again.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_ticket_to_watch_takes_the_mailbox_from_nobody()
    {
        await using var receiver = _client.ReceiveAsync(_mailbox);
        var loop = receiver.TakeAsync(1);
        await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");
        var ticket = await _client.CreateTicketAsync(_mailbox, new TicketOptions { IsShared = true });
        using var asReceiver = await _node.Http.GetAsync(ticket.Location, HttpCompletionOption.ResponseHeadersRead);
        asReceiver.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var watching = await _node.Http.GetAsync(ticket.Location + "&mode=shared", HttpCompletionOption.ResponseHeadersRead);
        watching.StatusCode.ShouldBe(HttpStatusCode.OK);
        await _client.SendAsync(_mailbox, "m1");
        (await loop).ShouldBe(["m1"]);
    }

    [Fact]
    public async Task What_is_not_the_clients_to_open_gets_no_ticket()
    {
        var refused = await Should.ThrowAsync<MailboxAccessException>(() => _client.CreateTicketAsync("another"));
        (refused.Status, refused.ProblemType).ShouldBe((403, ProblemTypes.Forbidden));
        using var nobody = NewClient(_ => null);
        (await Should.ThrowAsync<MailboxAccessException>(() => nobody.CreateTicketAsync(_mailbox))).Status.ShouldBe(401);
        var tooLong = await Should.ThrowAsync<MailboxException>(
            () => _client.CreateTicketAsync(_mailbox, new TicketOptions { Lifetime = TimeSpan.FromDays(2) }));
        tooLong.ProblemType.ShouldBe(ProblemTypes.InvalidBody);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(
            () => _client.CreateTicketAsync(_mailbox, new TicketOptions { Lifetime = TimeSpan.FromMilliseconds(900) }));
        await Should.ThrowAsync<ArgumentException>(() => _client.CreateTicketAsync("no name"));
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_receiver_with_a_key_receives(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 2);
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        (await receiver.TakeAsync(2)).ShouldBe(["m1", "m2"]);
        using var nobody = NewClient(_ => null);
        await using var stranger = nobody.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        (await Should.ThrowAsync<MailboxAccessException>(() => stranger.TakeAsync(1))).Status.ShouldBe(401);
    }

    private MailboxClient NewClient(Func<TokenRequest, string?> token) => new(new MailboxClientOptions
    {
        BaseAddresses = { _node.BaseAddress },
        Token = (request, _) => new(token(request)),
    });
}
