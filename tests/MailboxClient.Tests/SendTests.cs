using System.Text;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>The client against the real server on a real Redis.</summary>
public sealed class SendTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.Http);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task SendAsync_NobodyThere_StoresAndSaysSo()
    {
        var mailbox = Names.Fresh("send");
        var result = await _client.SendAsync(mailbox, "hello"u8.ToArray(), new SendOptions { Type = "greeting" }, Cancellation);

        result.Queued.ShouldBeTrue();
        result.Connected.ShouldBeFalse();
        var stored = await server.Node.Http.GetAsync(new Uri(MailboxRoutes.ForMessage(mailbox, result.Id!), UriKind.Relative), Cancellation);
        (await stored.Content.ReadAsStringAsync(Cancellation)).ShouldBe("hello");
        stored.Headers.GetValues(MailboxHeaders.Type).ShouldBe(["greeting"]);
    }

    [Fact]
    public async Task SendAsync_SameKeyTwice_DeliversOnce()
    {
        var mailbox = Names.Fresh("once");
        var options = new SendOptions { IdempotencyKey = "order-42" };
        var first = await _client.SendAsync(mailbox, "x"u8.ToArray(), options, Cancellation);
        var second = await _client.SendAsync(mailbox, "x"u8.ToArray(), options, Cancellation);
        second.Id.ShouldBe(first.Id);
    }

    [Fact]
    public async Task SendAsync_BodyOverTheLimit_ThrowsWithTheProblem()
    {
        var exception = await Should.ThrowAsync<MailboxException>(
            () => _client.SendAsync(Names.Fresh("large"), new byte[65_537], cancellationToken: Cancellation));
        exception.Status.ShouldBe(413);
        exception.ProblemType.ShouldBe(ProblemTypes.TooLarge);
    }

    [Fact]
    public async Task SendAsync_NotAName_ThrowsBeforeAnythingIsSent()
    {
        await Should.ThrowAsync<ArgumentException>(() => _client.SendAsync("a/b", "x"u8.ToArray(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task AckAsync_WhatWasReceived_Leaves()
    {
        var mailbox = Names.Fresh("ack");
        await _client.SendAsync(mailbox, Encoding.UTF8.GetBytes("one"), cancellationToken: Cancellation);
        await using var receiver = await Receivers.OpenAsync(
            TransportKind.Ndjson, server.Node.BaseAddress, mailbox, new Mailbox.TestKit.ReceiverOptions { Ack = "client" });
        var open = await receiver.NextAsync(TimeSpan.FromSeconds(10));
        open.Control.ShouldBe("open");
        var message = await receiver.NextAsync(TimeSpan.FromSeconds(10));

        await _client.AckAsync(mailbox, message.Cursor!, Cancellation);

        var peeked = await server.Node.Http.GetStringAsync(new Uri(MailboxRoutes.ForMessages(mailbox), UriKind.Relative), Cancellation);
        peeked.ShouldBe("""{"messages":[]}""");
    }

    [Fact]
    public async Task AckAsync_CursorOfNobody_ThrowsWithTheProblem()
    {
        var exception = await Should.ThrowAsync<MailboxException>(() => _client.AckAsync(Names.Fresh("junk"), "junk", Cancellation));
        exception.Status.ShouldBe(400);
        exception.ProblemType.ShouldBe(ProblemTypes.InvalidCursor);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
