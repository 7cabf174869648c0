using System.Net;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>One attempt ends in its time, whatever it waits for.</summary>
public sealed class AttemptTests
{
    private readonly TaskCompletionSource<string?> _never = new();

    [Fact]
    public async Task A_token_that_does_not_come_is_no_answer()
    {
        using var server = new FakeServer(_ => FakeServer.Json(FakeServer.Stored, 201));
        using var client = NewClient(server, (_, _) => new(_never.Task));
        var sending = client.SendAsync("a", "x").WaitAsync(Loops.Patience);
        (await Should.ThrowAsync<MailboxException>(() => sending)).Status.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_receiver_asks_again_for_a_token_that_did_not_come_or_could_not_be_fetched(MailboxTransport transport)
    {
        using var server = new FakeServer(_ => FakeServer.Status(400));
        var asked = 0;
        using var client = NewClient(server, (_, _) => ++asked switch
        {
            1 => new(_never.Task),
            2 => throw new HttpRequestException("The issuer is away."),
            3 => throw new IOException("The issuer hung up."),
            _ => new("token"),
        });
        var receiver = client.ReceiveAsync("a", new ReceiverOptions { Transport = transport });
        (await Should.ThrowAsync<MailboxException>(() => receiver.TakeAsync(1).WaitAsync(Loops.Patience))).Status.ShouldBe(400);
        asked.ShouldBe(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_whose_body_does_not_come_keeps_its_status(bool isReceiver)
    {
        using var server = new FakeServer(_ => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StalledContent() });
        using var client = NewClient(server, null);
        await using var receiver = client.ReceiveAsync("a");
        var asking = (isReceiver ? receiver.TakeAsync(1) : (Task)client.SendAsync("a", "x")).WaitAsync(Loops.Patience);
        (await Should.ThrowAsync<MailboxException>(() => asking)).Status.ShouldBe(400);
    }

    private static MailboxClient NewClient(FakeServer server, Func<TokenRequest, CancellationToken, ValueTask<string?>>? token) =>
        server.NewClient(o => (o.AttemptTimeout, o.SendRetryTime, o.Token) = (TimeSpan.FromMilliseconds(200), TimeSpan.Zero, token));

    /// <summary>Its headers came, and then nothing.</summary>
    private sealed class StalledContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            Task.Delay(Timeout.Infinite, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
