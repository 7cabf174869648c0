using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>The loop over several mailboxes.</summary>
public sealed class ListReceiveTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string[] _mailboxes = ListLoops.Fresh(3, "several");

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task What_was_sent_to_each_is_received_in_its_order_and_leaves()
    {
        foreach (var mailbox in _mailboxes)
        {
            await _client.SendAsync(mailbox, 1, 150); // more than a window
        }

        await using var receiver = _client.ReceiveAsync(_mailboxes);
        receiver.Mailboxes.ShouldBe(_mailboxes, ignoreOrder: true);
        var taken = await receiver.TakeAsync(450);

        foreach (var mailbox in _mailboxes)
        {
            taken.TextsOf(mailbox).ShouldBe(Loops.Texts(1, 150));
            (await server.PeekAsync(mailbox)).Count.ShouldBe(taken[^1].Mailbox == mailbox ? 1 : 0); // the last was not asked beyond
        }

        receiver.State.ShouldBe(ReceiverState.Closed);
    }

    [Fact]
    public async Task A_thousand_mailboxes_come_on_one_connection()
    {
        var mailboxes = ListLoops.Fresh(1_000, "thousand");
        await _client.SendAsync(mailboxes, "m1"u8.ToArray());
        await using var receiver = _client.ReceiveAsync(mailboxes);
        var taken = await receiver.TakeAsync(1_000);

        taken.Select(one => one.Mailbox).Order(StringComparer.Ordinal).ShouldBe(mailboxes.Order(StringComparer.Ordinal));
        receiver.Open(mailboxes[0]).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => receiver.Open("one-more"));
    }

    [Fact]
    public async Task Kept_cursors_go_on_as_the_same_receiver()
    {
        foreach (var mailbox in _mailboxes)
        {
            await _client.SendAsync(mailbox, 1, 4);
        }

        var held = new List<MailboxMessage>();
        IReadOnlyDictionary<string, string> cursors;
        await using (var receiver = _client.ReceiveAsync(_mailboxes, new ListReceiverOptions { Ack = AckMode.Manual }))
        {
            receiver.Cursors.ShouldBeEmpty();
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                held.Add(message);
                if (held.Count == 12)
                {
                    break;
                }
            }

            foreach (var message in held.Where(message => message.Text is "m1" or "m2" or "m4"))
            {
                await message.AckAsync(Loops.Deadline); // outside of a loop: told at once, up to m2
            }

            cursors = receiver.Cursors;
            foreach (var mailbox in _mailboxes)
            {
                (await server.PeekAsync(mailbox)).Count.ShouldBe(2);
                cursors[mailbox].ShouldBe(held.Single(message => message.Mailbox == mailbox && message.Text == "m2").Cursor);
            }
        }

        var before = await ReceiverOfAsync(_mailboxes[0]);
        using var other = new MailboxClient(server.Node.BaseAddress.ToString());
        await using var resumed = other.ReceiveAsync(_mailboxes, new ListReceiverOptions { After = cursors });
        resumed.Cursors.ShouldBe(cursors, ignoreOrder: true);
        var taken = await resumed.TakeAsync(6);
        foreach (var mailbox in _mailboxes)
        {
            taken.TextsOf(mailbox).ShouldBe(["m3", "m4"]);
            (await ReceiverOfAsync(mailbox)).ShouldBe(before); // nobody was taken over
        }
    }

    [Fact]
    public async Task After_now_only_what_comes_is_received()
    {
        await _client.SendAsync(_mailboxes[0], 1, 2);
        await _client.SendAsync(_mailboxes[1], 1, 2);
        await using var receiver = _client.ReceiveAsync(
            _mailboxes, new ListReceiverOptions { After = new Dictionary<string, string> { [_mailboxes[0]] = "now" } });
        var taking = receiver.TakeAsync(3);
        await ConnectedAsync(receiver);
        await _client.SendAsync(_mailboxes[0], 3, 3);
        var taken = await taking;
        taken.TextsOf(_mailboxes[0]).ShouldBe(["m3"]);
        taken.TextsOf(_mailboxes[1]).ShouldBe(["m1", "m2"]);
    }

    [Fact]
    public async Task Leaving_the_loop_and_disposing_end_it_and_the_next_loop_goes_on()
    {
        await _client.SendAsync(_mailboxes[2], 1, 3);
        var receiver = _client.ReceiveAsync(_mailboxes);
        (await receiver.TakeAsync(2)).Select(one => one.Text).ShouldBe(["m1", "m2"]);
        (await receiver.TakeAsync(2)).Select(one => one.Text).ShouldBe(["m2", "m3"]);
        var waiting = receiver.TakeAsync(2);
        await ConnectedAsync(receiver);
        await Should.ThrowAsync<InvalidOperationException>(() => receiver.TakeAsync(1)); // one loop at a time
        await receiver.DisposeAsync();
        (await waiting).ShouldBe([(_mailboxes[2], "m3")]);
        receiver.State.ShouldBe(ReceiverState.Closed);
        await Should.ThrowAsync<ObjectDisposedException>(() => receiver.TakeAsync(1));
    }

    [Fact]
    public void What_cannot_be_is_refused_before_anything_is_opened()
    {
        string[] many = [.. Enumerable.Range(0, 1001).Select(i => $"m{i}")];
        foreach (string[] names in new string[][] { [], many, ["a", "b", "a"], ["a", "b/c"], [""] })
        {
            Should.Throw<ArgumentException>(() => _client.ReceiveAsync(names));
        }

        foreach (var window in new[] { 0, 1001 })
        {
            Should.Throw<ArgumentException>(() => _client.ReceiveAsync(["a"], new ListReceiverOptions { Window = window }));
        }

        const string One = "AQAAAAAAAAGhx1kYipmcNmdbl9r7ZwMfLBYXeZICr9s";
        const string Others = "AQAAAAAAAATNyvnwV-sitRfKCh6XSpxeSZnhZjBubw8";
        foreach (var after in new Dictionary<string, string>[]
        {
            new() { ["a"] = "junk" }, new() { ["a/b"] = One }, new() { ["a"] = One, ["b"] = Others }, new() { ["a"] = null! },
        })
        {
            Should.Throw<ArgumentException>(() => _client.ReceiveAsync(["a"], new ListReceiverOptions { After = after }));
        }

        var full = _client.ReceiveAsync(many[..1000]);
        Should.Throw<InvalidOperationException>(() => full.Open(many[1000]));
        Should.Throw<ArgumentException>(() => full.Open("b/c"));
        full.Open(many[0]).ShouldBeFalse();
        full.Close(many[1000]).ShouldBeFalse();
    }

    private static Task ConnectedAsync(MailboxListReceiver receiver) =>
        Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");

    private async Task<string?> ReceiverOfAsync(string mailbox)
    {
        using var info = System.Text.Json.JsonDocument.Parse(
            await server.Node.Http.GetStringAsync(new Uri(MailboxRoutes.ForInfo(mailbox), UriKind.Relative)));
        return info.RootElement.GetProperty("receiver").GetString();
    }
}
