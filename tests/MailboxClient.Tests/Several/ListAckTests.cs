using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Acknowledging in several mailboxes.</summary>
public sealed class ListAckTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string[] _mailboxes = ListLoops.Fresh(3, "acks");

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task What_was_acknowledged_has_left_each_mailbox_once_it_is_flushed()
    {
        foreach (var mailbox in _mailboxes)
        {
            await _client.SendAsync(mailbox, 1, 2);
        }

        await using var receiver = _client.ReceiveAsync(_mailboxes);
        var taken = 0;
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            if (++taken < 6)
            {
                continue;
            }

            await message.AckAsync(Loops.Deadline);
            await receiver.FlushAsync(Loops.Deadline);
            foreach (var mailbox in _mailboxes)
            {
                (await server.PeekAsync(mailbox)).ShouldBeEmpty();
            }

            break;
        }
    }

    [Fact]
    public async Task By_hand_what_is_done_behind_what_is_not_stays_and_each_mailbox_is_by_itself()
    {
        foreach (var mailbox in _mailboxes)
        {
            await _client.SendAsync(mailbox, 1, 3);
        }

        await using var receiver = _client.ReceiveAsync(_mailboxes, new ListReceiverOptions { Ack = AckMode.Manual });
        var held = new List<MailboxMessage>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            held.Add(message);
            if (held.Count < 9)
            {
                continue;
            }

            await Of(0, "m3").AckAsync(Loops.Deadline);
            await Of(1, "m1").AckAsync(Loops.Deadline);
            await Of(2, "m2").AckAsync(Loops.Deadline);
            await Of(2, "m1").AckAsync(Loops.Deadline);
            await receiver.FlushAsync(Loops.Deadline);
            (await server.PeekAsync(_mailboxes[0])).ShouldBe([Of(0, "m1").Id, Of(0, "m2").Id, Of(0, "m3").Id]);
            (await server.PeekAsync(_mailboxes[1])).ShouldBe([Of(1, "m2").Id, Of(1, "m3").Id]);
            (await server.PeekAsync(_mailboxes[2])).ShouldBe([Of(2, "m3").Id]);
            break;
        }

        // What came before and was not acknowledged comes again, in another loop; what was done there is done.
        var again = await receiver.TakeAsync(6);
        again.TextsOf(_mailboxes[0]).ShouldBe(["m1", "m2", "m3"]);
        again.TextsOf(_mailboxes[1]).ShouldBe(["m2", "m3"]);
        again.TextsOf(_mailboxes[2]).ShouldBe(["m3"]);

        MailboxMessage Of(int mailbox, string text) => held.Single(message => message.Mailbox == _mailboxes[mailbox] && message.Text == text);
    }

    [Fact]
    public async Task A_window_that_is_full_holds_up_its_mailbox_and_no_other()
    {
        await _client.SendAsync(_mailboxes[0], 1, 5);
        await _client.SendAsync(_mailboxes[1], 1, 20);
        await using var receiver = _client.ReceiveAsync(_mailboxes, new ListReceiverOptions { Ack = AckMode.Manual, Window = 2 });
        var held = new List<MailboxMessage>();
        var taken = new List<(string, string)>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            taken.Add((message.Mailbox, message.Text));
            if (message.Mailbox == _mailboxes[0])
            {
                held.Add(message);
            }
            else
            {
                await message.AckAsync(Loops.Deadline);
            }

            if (taken.Count == 22)
            {
                await server.SettledAsync(_mailboxes[0], sent: 2);
                await held[0].AckAsync(Loops.Deadline);
            }

            if (taken.Count == 23)
            {
                break;
            }
        }

        taken.TextsOf(_mailboxes[0]).ShouldBe(["m1", "m2", "m3"]);
        taken.TextsOf(_mailboxes[1]).ShouldBe(Loops.Texts(1, 20));
    }

    [Fact]
    public async Task Leaving_a_loop_that_only_wanted_what_comes_leaves_what_waited()
    {
        await _client.SendAsync(_mailboxes[0], 1, 2);
        await using var receiver = _client.ReceiveAsync(
            _mailboxes, new ListReceiverOptions { After = _mailboxes.ToDictionary(mailbox => mailbox, _ => "now") });
        using var enough = new CancellationTokenSource(Loops.Patience);
        receiver.StateChanged += state =>
        {
            if (state == ReceiverState.Connected)
            {
                enough.Cancel();
            }
        };
        await Should.ThrowAsync<OperationCanceledException>(() => receiver.TakeAsync(1, enough.Token));
        (await server.PeekAsync(_mailboxes[0])).Count.ShouldBe(2);
    }
}
