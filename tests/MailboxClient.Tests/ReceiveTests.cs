using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>The loop over a mailbox, on every transport.</summary>
public sealed class ReceiveTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string _mailbox = Names.Fresh("receive");

    public void Dispose() => _client.Dispose();

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task What_was_sent_is_received_in_order_and_leaves(MailboxTransport transport)
    {
        await SendAsync(1, 300);
        await using var receiver = Receive(transport);
        (await receiver.TakeAsync(300)).ShouldBe(Loops.Texts(1, 300));
        (await KeptAsync()).ShouldBe(1); // the last was not asked beyond
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_message_that_comes_while_the_loop_waits_is_received(MailboxTransport transport)
    {
        await using var receiver = Receive(transport);
        var taking = receiver.TakeAsync(3);
        await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");
        await SendAsync(1, 3);
        (await taking).ShouldBe(["m1", "m2", "m3"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Break_leaves_the_last_message_to_be_received_again(MailboxTransport transport)
    {
        await SendAsync(1, 5);
        await using (var receiver = Receive(transport))
        {
            (await receiver.TakeAsync(3)).ShouldBe(["m1", "m2", "m3"]);
            (await receiver.TakeAsync(2)).ShouldBe(["m3", "m4"]);
        }

        await using var other = Receive(transport);
        (await other.TakeAsync(2)).ShouldBe(["m4", "m5"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task An_exception_leaves_the_last_message_to_be_received_again(MailboxTransport transport)
    {
        await SendAsync(1, 2);
        await using var receiver = Receive(transport);
        await Should.ThrowAsync<FormatException>(async () =>
        {
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                throw new FormatException(message.Text);
            }
        });
        (await receiver.TakeAsync(2)).ShouldBe(["m1", "m2"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_kept_cursor_goes_on_as_the_same_receiver(MailboxTransport transport)
    {
        await SendAsync(1, 5);
        string cursor;
        await using (var receiver = Receive(transport))
        {
            receiver.Cursor.ShouldBeNull();
            await receiver.TakeAsync(3);
            cursor = receiver.Cursor.ShouldNotBeNull();
        }

        using var other = new MailboxClient(server.Node.BaseAddress.ToString());
        await using var resumed = other.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, After = cursor });
        (await resumed.TakeAsync(3)).ShouldBe(["m3", "m4", "m5"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task After_now_only_what_comes_is_received(MailboxTransport transport)
    {
        await SendAsync(1, 3);
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, After = "now" });
        var taking = receiver.TakeAsync(2);
        await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");
        await SendAsync(4, 5);
        (await taking).ShouldBe(["m4", "m5"]);
        (await receiver.TakeAsync(1)).ShouldBe(["m5"]); // its place by now, not now again
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_receiver_that_is_disposed_ends_its_loop(MailboxTransport transport)
    {
        var receiver = Receive(transport);
        var taking = receiver.TakeAsync(1);
        await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");
        await receiver.DisposeAsync();
        (await taking).ShouldBeEmpty();
        receiver.State.ShouldBe(ReceiverState.Closed);
    }

    private MailboxReceiver Receive(MailboxTransport transport) => _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });

    private Task SendAsync(int from, int to) => _client.SendAsync(_mailbox, from, to);

    private async Task<int> KeptAsync() => (await server.PeekAsync(_mailbox)).Count;
}
