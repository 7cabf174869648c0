using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Acknowledging each message by itself.</summary>
public sealed class AckTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string _mailbox = Names.Fresh("ack");

    public void Dispose() => _client.Dispose();

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task What_is_done_behind_what_is_not_done_stays(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 5);
        await using var receiver = Receive(transport);
        await receiver.HoldAsync(5, async taken =>
        {
            await taken[4].AckAsync(Loops.Deadline);
            await taken[2].AckAsync(Loops.Deadline);
            await taken[0].AckAsync(Loops.Deadline);
            await receiver.FlushAsync(Loops.Deadline);
            (await server.PeekAsync(_mailbox)).ShouldBe(taken[1..].Select(message => message.Id)); // m1 alone may be told

            await taken[1].AckAsync(Loops.Deadline);
            await receiver.FlushAsync(Loops.Deadline);
            (await server.PeekAsync(_mailbox)).ShouldBe(taken[3..].Select(message => message.Id));
        });
        (await receiver.TakeAsync(2)).ShouldBe(["m4", "m5"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Parallel_consumers_lose_nothing(MailboxTransport transport)
    {
        const int Count = 500;
        await _client.SendAsync(_mailbox, 1, Count);
        var done = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using (var receiver = Receive(transport, window: 50))
        {
            using var enough = new CancellationTokenSource(Loops.Patience);
            try
            {
                var parallel = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = enough.Token };
                await Parallel.ForEachAsync(receiver, parallel, async (message, cancellation) =>
                {
                    await Task.Delay(Random.Shared.Next(3), CancellationToken.None);
                    await message.AckAsync(CancellationToken.None);
                    done.Add(message.Text);
                    if (done.Count == Count)
                    {
                        await enough.CancelAsync();
                    }
                });
            }
            catch (OperationCanceledException) when (done.Count >= Count)
            {
            }
        }

        done.Count.ShouldBe(Count);
        done.Distinct().Count().ShouldBe(Count);
        (await server.PeekAsync(_mailbox)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task More_than_the_window_is_not_given_before_some_is_acknowledged(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 10);
        await using var receiver = Receive(transport, window: 4);
        await using var loop = receiver.GetAsyncEnumerator(Loops.Deadline);
        var taken = new List<MailboxMessage>();
        for (var i = 0; i < 4; i++)
        {
            (await loop.MoveNextAsync()).ShouldBeTrue();
            taken.Add(loop.Current);
        }

        var fifth = loop.MoveNextAsync().AsTask();
        await server.SettledAsync(_mailbox, sent: 4);
        fifth.IsCompleted.ShouldBeFalse();
        await taken[0].AckAsync(Loops.Deadline);
        (await fifth).ShouldBeTrue();
        loop.Current.Text.ShouldBe("m5");
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_message_can_be_acknowledged_after_its_loop(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 2);
        await using var receiver = Receive(transport);
        var taken = await receiver.HoldAsync(2, _ => Task.CompletedTask);
        await taken[0].AckAsync(Loops.Deadline);
        (await server.PeekAsync(_mailbox)).ShouldBe([taken[1].Id]);
    }

    [Fact]
    public async Task A_message_of_a_receiver_that_is_disposed_says_so()
    {
        await _client.SendAsync(_mailbox, 1, 1);
        var receiver = Receive(MailboxTransport.ServerSentEvents);
        var taken = await receiver.HoldAsync(1, _ => Task.CompletedTask);
        await receiver.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await taken[0].AckAsync(Loops.Deadline));
    }

    // A long-poll's second poll comes back with the open's place, which says that what was before it is not wanted.
    [Theory]
    [InlineData(MailboxTransport.ServerSentEvents)]
    [InlineData(MailboxTransport.WebSocket)]
    public async Task Leaving_a_loop_that_only_wanted_what_comes_leaves_what_waited(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 2);
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, After = "now" });
        using var enough = new CancellationTokenSource(Loops.Patience);
        receiver.StateChanged += state =>
        {
            if (state == ReceiverState.Connected)
            {
                enough.Cancel();
            }
        };
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in receiver.WithCancellation(enough.Token))
            {
                message.ShouldBeNull();
            }
        });
        (await server.PeekAsync(_mailbox)).Count.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_client_that_is_disposed_ends_its_receivers(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 2);
        var client = new MailboxClient(server.Node.BaseAddress.ToString());
        var receiver = client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, Window = 1 });
        var looping = Should.ThrowAsync<ObjectDisposedException>(async () =>
        {
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                client.Dispose();
            }
        });
        await looping.WaitAsync(Loops.Patience);
        receiver.State.ShouldBe(ReceiverState.Closed);
    }

    [Fact]
    public async Task Two_loops_at_once_are_refused()
    {
        await _client.SendAsync(_mailbox, 1, 1);
        await using var receiver = Receive(MailboxTransport.ServerSentEvents);
        await receiver.HoldAsync(1, async _ => await Should.ThrowAsync<InvalidOperationException>(() => receiver.TakeAsync(1)));
    }

    private MailboxReceiver Receive(MailboxTransport transport, int window = 100) =>
        _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, Ack = AckMode.Manual, Window = window });
}
