using System.Net;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What ends a receiver for good.</summary>
public sealed class RefusalTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string _mailbox = Names.Fresh("refuse");

    public void Dispose() => _client.Dispose();

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Of_two_replicas_the_newer_receives_and_the_older_ends(MailboxTransport transport)
    {
        await using var older = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        var olderLoop = older.TakeAsync(1);
        await Eventually.HoldsAsync(() => older.State == ReceiverState.Connected, Loops.Patience, "the older is connected");
        await using var newer = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        var newerLoop = newer.TakeAsync(3);
        (await Should.ThrowAsync<MailboxReplacedException>(() => olderLoop)).Mailbox.ShouldBe(_mailbox);
        older.State.ShouldBe(ReceiverState.Closed);

        // Nor does it come back as itself.
        await Should.ThrowAsync<MailboxReplacedException>(() => older.TakeAsync(1));
        await _client.SendAsync(_mailbox, 1, 3);
        (await newerLoop).ShouldBe(["m1", "m2", "m3"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task What_is_buffered_when_another_takes_over_is_the_others(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 5);
        await using var older = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        await using var newer = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        var taken = new List<string>();
        await Should.ThrowAsync<MailboxReplacedException>(async () =>
        {
            await foreach (var message in older.WithCancellation(Loops.Deadline))
            {
                taken.Add(message.Text);
                (await newer.TakeAsync(5)).ShouldBe(Loops.Texts(1, 5));
                await Eventually.HoldsAsync(() => older.State == ReceiverState.Closed, Loops.Patience, "the older has heard of it");
            }
        });
        taken.ShouldBe(["m1"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_name_of_the_systems_own_is_forbidden(MailboxTransport transport)
    {
        await using var receiver = _client.ReceiveAsync("~x", new ReceiverOptions { Transport = transport });
        var exception = await Should.ThrowAsync<MailboxAccessException>(() => receiver.TakeAsync(1));
        exception.Status.ShouldBe(403);
        exception.ProblemType.ShouldBe(ProblemTypes.Forbidden);
        exception.Title.ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_place_that_is_none_is_told(MailboxTransport transport)
    {
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, After = "junk" });
        (await Should.ThrowAsync<MailboxException>(() => receiver.TakeAsync(1))).ProblemType.ShouldBe(ProblemTypes.InvalidCursor);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_token_that_has_expired_is_fetched_anew(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 1);
        using var gate = new TokenGate("fresh");
        using var client = gate.NewClient(server.Node.BaseAddress, (request, _) => new(request.IsRefresh ? "fresh" : "stale"));
        await using var receiver = client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        (await receiver.TakeAsync(1)).ShouldBe(["m1"]);
        (await client.SendAsync(_mailbox, "m2", cancellationToken: Loops.Deadline)).Queued.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_fresh_token_that_is_refused_ends_the_receiver(MailboxTransport transport)
    {
        using var gate = new TokenGate("fresh");
        using var client = gate.NewClient(server.Node.BaseAddress, (_, _) => new("stale"));
        await using var receiver = client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        (await Should.ThrowAsync<MailboxAccessException>(() => receiver.TakeAsync(1))).Status.ShouldBe(401);
        gate.Refused.ShouldBe(2);
        (await Should.ThrowAsync<MailboxAccessException>(() => client.SendAsync(_mailbox, "x"))).IsTransient.ShouldBeFalse();
        gate.Refused.ShouldBe(4);
    }

    [Fact]
    public async Task What_is_no_Mailbox_server_is_told()
    {
        using var client = new MailboxClient(new Uri(server.Node.BaseAddress, "/elsewhere").ToString());
        await using var receiver = client.ReceiveAsync(_mailbox);
        (await Should.ThrowAsync<MailboxException>(() => receiver.TakeAsync(1))).Status.ShouldBe(404);
    }

    /// <summary>What stands before a server and asks for a token.</summary>
    private sealed class TokenGate(string good) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false })
    {
        public int Refused { get; private set; }

        public MailboxClient NewClient(Uri node, Func<TokenRequest, CancellationToken, ValueTask<string?>> token) => new(
            new HttpClient(this, disposeHandler: false), new MailboxClientOptions { BaseAddresses = { node }, Token = token });

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isGood = request.Headers.TryGetValues("Authorization", out var values) && values.Single() == $"Bearer {good}";
            if (isGood)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            Refused++;
            return new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request };
        }
    }
}
