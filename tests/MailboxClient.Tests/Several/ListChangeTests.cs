using System.Text;
using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Mailboxes that come to the list, leave it, and are lost to others.</summary>
public sealed class ListChangeTests(ServerFixture server) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly MailboxClient _client = new(server.Node.BaseAddress.ToString());
    private readonly string[] _mailboxes = ListLoops.Fresh(3, "change");

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task One_that_is_taken_over_is_told_and_leaves_and_the_others_go_on()
    {
        await using var receiver = _client.ReceiveAsync(_mailboxes);
        var left = new List<string>();
        receiver.LeftTold += told => left.Add($"{told.Mailbox} {told.Reason}");
        var taking = receiver.TakeAsync(2);
        await ConnectedAsync(receiver);

        await using var other = _client.ReceiveAsync(_mailboxes[1]);
        var others = other.TakeAsync(1);
        await Eventually.HoldsAsync(() => receiver.Mailboxes.Count == 2, Loops.Patience, "one has left");
        await _client.SendAsync(_mailboxes[1], 1, 1);
        (await others).ShouldBe(["m1"]);
        await _client.SendAsync(_mailboxes[0], 2, 2);
        await _client.SendAsync(_mailboxes[2], 3, 3);

        (await taking).Order().ShouldBe(new[] { (_mailboxes[0], "m2"), (_mailboxes[2], "m3") }.Order());
        left.ShouldBe([$"{_mailboxes[1]} {ControlEvents.Replaced}"]);
        receiver.Mailboxes.ShouldBe([_mailboxes[0], _mailboxes[2]], ignoreOrder: true);
        receiver.Cursors.Keys.ShouldNotContain(_mailboxes[1]);
    }

    [Fact]
    public async Task When_none_is_left_the_loop_ends_and_is_told_of_each()
    {
        await using var receiver = _client.ReceiveAsync(_mailboxes);
        var told = new List<string>();
        var looping = Should.ThrowAsync<MailboxReplacedException>(async () =>
        {
            await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
            {
                told.Add($"{next.Mailbox} {next}");
            }
        });
        await ConnectedAsync(receiver);
        await using var other = _client.ReceiveAsync(_mailboxes);
        var others = other.TakeAsync(1);

        var end = await looping;

        told.ShouldBe(_mailboxes.Select(mailbox => $"{mailbox} left (replaced)"), ignoreOrder: true);
        _mailboxes.ShouldContain(end.Mailbox);
        receiver.State.ShouldBe(ReceiverState.Closed);
        receiver.Mailboxes.ShouldBeEmpty();
        await Should.ThrowAsync<MailboxReplacedException>(() => receiver.TakeAsync(1)); // nor does it come back as itself

        receiver.Open(_mailboxes[0]).ShouldBeTrue(); // but when it is told to
        var taking = receiver.TakeAsync(1);
        await ConnectedAsync(receiver);
        await _client.SendAsync(_mailboxes[0], 1, 1);
        (await taking).ShouldBe([(_mailboxes[0], "m1")]);
        await other.DisposeAsync();
        (await others).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_buffered_of_one_that_is_taken_over_is_the_others()
    {
        await _client.SendAsync(_mailboxes[0], 1, 5);
        await using var receiver = _client.ReceiveAsync(_mailboxes);
        await using var other = _client.ReceiveAsync(_mailboxes[0]);
        var taken = new List<string>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            taken.Add(message.Text);
            if (message.Text == "last")
            {
                break;
            }

            (await other.TakeAsync(5)).ShouldBe(Loops.Texts(1, 5));
            await Eventually.HoldsAsync(() => receiver.Mailboxes.Count == 2, Loops.Patience, "one has left");
            await _client.SendAsync(_mailboxes[1], "last", cancellationToken: Loops.Deadline);
        }

        taken.ShouldBe(["m1", "last"]);
    }

    [Fact]
    public async Task A_mailbox_is_opened_and_closed_while_the_loop_runs()
    {
        await _client.SendAsync(_mailboxes[0], 0, 0);
        await _client.SendAsync(_mailboxes[2], 1, 2);
        await using var receiver = _client.ReceiveAsync(_mailboxes[..2]);
        var taken = new List<string>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            taken.Add($"{Array.IndexOf(_mailboxes, message.Mailbox)} {message.Text}");
            switch (taken.Count)
            {
                case 1: // of 0
                    receiver.Open(_mailboxes[2]).ShouldBeTrue();
                    receiver.Open(_mailboxes[2]).ShouldBeFalse();
                    break;
                case 3: // both of 2: the second is done with when the next is asked for, after the mailbox was closed
                    receiver.Close(_mailboxes[2]).ShouldBeTrue();
                    receiver.Close(_mailboxes[2]).ShouldBeFalse();
                    await AbsentAsync(_mailboxes[2]);
                    await _client.SendAsync(_mailboxes[2], 3, 3);
                    await _client.SendAsync(_mailboxes[1], 4, 4);
                    break;
                case 4: // of 1
                    receiver.Open(_mailboxes[2]).ShouldBeTrue();
                    break;
            }

            if (taken.Count == 5)
            {
                break;
            }
        }

        taken.ShouldBe(["0 m0", "2 m1", "2 m2", "1 m4", "2 m3"]);

        async Task AbsentAsync(string mailbox) => await Eventually.HoldsAsync(
            async () => !(await InfoAsync(mailbox)).GetProperty("connected").GetBoolean(), Loops.Patience, "it is closed");
    }

    [Fact]
    public async Task The_list_is_changed_while_no_loop_runs()
    {
        await using var receiver = _client.ReceiveAsync(_mailboxes[..2]);
        receiver.Close(_mailboxes[0]).ShouldBeTrue();
        receiver.Open(_mailboxes[2]).ShouldBeTrue();
        receiver.Mailboxes.ShouldBe(_mailboxes[1..], ignoreOrder: true);
        foreach (var mailbox in _mailboxes)
        {
            await _client.SendAsync(mailbox, 1, 1);
        }

        (await receiver.TakeAsync(2)).Select(one => one.Mailbox).ShouldBe(_mailboxes[1..], ignoreOrder: true);
        (await InfoAsync(_mailboxes[0])).TryGetProperty("receiver", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_gap_and_a_reset_name_their_mailbox()
    {
        using var settings = new StringContent("""{"maxMessages":2,"overflow":"dropOldest"}""", Encoding.UTF8, "application/json");
        (await server.Node.Http.PutAsync(MailboxRoutes.ForMailbox(_mailboxes[1]), settings)).EnsureSuccessStatusCode();
        await _client.SendAsync(_mailboxes[1], 1, 4);
        await using var receiver = _client.ReceiveAsync(_mailboxes);
        var (gaps, resets) = (new List<string>(), new List<string>());
        receiver.GapTold += gap => gaps.Add($"{gap.Mailbox} {gap.From}-{gap.To} {gap.Reason}");
        receiver.ResetTold += reset => resets.Add($"{reset.Mailbox} {reset.Reason}");
        var taken = new List<string>();
        await foreach (var message in receiver.WithCancellation(Loops.Deadline))
        {
            taken.Add(message.Text);
            if (taken.Count == 2)
            {
                (await server.Node.Http.DeleteAsync(MailboxRoutes.ForMailbox(_mailboxes[1]))).EnsureSuccessStatusCode();
                await _client.SendAsync(_mailboxes[1], 5, 5);
            }

            if (taken.Count == 3)
            {
                break;
            }
        }

        taken.ShouldBe(["m3", "m4", "m5"]);
        gaps.ShouldBe([$"{_mailboxes[1]} 1-2 {GapReasons.Dropped}"]);
        resets.ShouldBe([$"{_mailboxes[1]} {ResetReasons.Lost}"]);
    }

    [Fact]
    public async Task A_name_that_is_refused_ends_the_loop_and_is_told()
    {
        await using var receiver = _client.ReceiveAsync([_mailboxes[0], "~x"]);
        var refused = await Should.ThrowAsync<MailboxAccessException>(() => receiver.TakeAsync(1));
        (refused.Status, refused.ProblemType, refused.Mailbox).ShouldBe((403, ProblemTypes.Forbidden, "~x"));
        refused.Message.ShouldNotContain("~x");
        receiver.State.ShouldBe(ReceiverState.Closed);

        receiver.Close("~x").ShouldBeTrue();
        await _client.SendAsync(_mailboxes[0], 1, 1);
        (await receiver.TakeAsync(1)).ShouldBe([(_mailboxes[0], "m1")]);
    }

    [Fact]
    public async Task A_refusal_of_one_that_is_opened_live_ends_the_loop_and_what_is_done_is_told()
    {
        await _client.SendAsync(_mailboxes[0], 1, 2);
        await using var receiver = _client.ReceiveAsync(_mailboxes);
        var taken = new List<string>();
        var refused = await Should.ThrowAsync<MailboxException>(async () =>
        {
            await foreach (var message in receiver.WithCancellation(Loops.Deadline))
            {
                taken.Add(message.Text);
                if (taken.Count == 2)
                {
                    receiver.Open("~events");
                }
            }
        });
        (refused.Status, refused.ProblemType, refused.Mailbox).ShouldBe((404, ProblemTypes.NotFound, "~events"));
        taken.ShouldBe(["m1", "m2"]);
        (await server.PeekAsync(_mailboxes[0])).ShouldBeEmpty();
    }

    private static Task ConnectedAsync(MailboxListReceiver receiver) =>
        Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.Patience, "the receiver is connected");

    private async Task<System.Text.Json.JsonElement> InfoAsync(string mailbox)
    {
        using var info = System.Text.Json.JsonDocument.Parse(
            await server.Node.Http.GetStringAsync(new Uri(MailboxRoutes.ForInfo(mailbox), UriKind.Relative)));
        return info.RootElement.Clone();
    }
}
