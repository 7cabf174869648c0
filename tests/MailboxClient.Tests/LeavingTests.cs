using System.Collections.Concurrent;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What a loop tells the server when it is left.</summary>
public sealed class LeavingTests
{
    [Fact]
    public async Task A_connection_that_breaks_while_it_is_closed_costs_no_acknowledgement()
    {
        using var stream = new BreakingStream(FakeServer.Open("g-0"), FakeServer.Message("g-1"), FakeServer.Message("g-2"));
        var acks = new Acks(stream);
        using var server = new FakeServer(acks.AnswerAsync);
        using var client = server.NewClient();
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Ack = AckMode.Manual });
        await LeaveAsync(receiver, acks);
        acks.Answered.ShouldBe(["g-1"]);
        receiver.State.ShouldBe(ReceiverState.Closed);
    }

    [Fact]
    public async Task What_is_acknowledged_while_the_end_of_the_loop_is_told_is_told_too()
    {
        using var stream = new BreakingStream(FakeServer.Open("g-0"), FakeServer.Message("g-1"), FakeServer.Message("g-2"));
        var acks = new Acks(stream);
        acks.AnsweringAsync = cursor => cursor == "g-1" ? acks.Taken[1].AckAsync(Loops.Deadline).AsTask() : Task.CompletedTask;
        using var server = new FakeServer(acks.AnswerAsync);
        using var client = server.NewClient();
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Ack = AckMode.Manual });
        await LeaveAsync(receiver, acks);
        acks.Answered.ShouldBe(["g-1", "g-2"]);
    }

    private static async Task LeaveAsync(MailboxReceiver receiver, Acks acks)
    {
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            acks.Taken.Add(message);
            if (acks.Taken.Count == 2)
            {
                await acks.Taken[0].AckAsync(Loops.Deadline);
                await acks.HasFirst.Task.WaitAsync(Loops.Deadline);
                break;
            }
        }
    }

    /// <summary>The first acknowledgement, which the running loop sends, has no answer before the loop is left.</summary>
    private sealed class Acks(Stream events)
    {
        private int _count;

        public List<MailboxMessage> Taken { get; } = [];

        public TaskCompletionSource HasFirst { get; } = new();

        public ConcurrentQueue<string> Answered { get; } = new();

        public Func<string, Task> AnsweringAsync { get; set; } = _ => Task.CompletedTask;

        public async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            if (!FakeServer.IsAck(request))
            {
                return FakeServer.Stream(events);
            }

            if (Interlocked.Increment(ref _count) == 1)
            {
                HasFirst.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            var cursor = await FakeServer.AckedAsync(request);
            Answered.Enqueue(cursor);
            await AnsweringAsync(cursor);
            return FakeServer.Status(204);
        }
    }

    /// <summary>Says some events; when its reader gives up, it is as a socket that somebody else has closed.</summary>
    private sealed class BreakingStream(params string[] envelopes) : MemoryStream(
        System.Text.Encoding.UTF8.GetBytes(string.Concat(envelopes.Select(envelope => $"data: {envelope}\n\n"))))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                return count;
            }

            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
            }

            throw new ObjectDisposedException("socket");
        }
    }
}
