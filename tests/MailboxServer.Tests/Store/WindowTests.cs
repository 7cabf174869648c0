using Mailbox;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>G6: how much is in flight, and what leaves when nobody can acknowledge.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class WindowTests(RedisFixture fixture)
{
    [Fact]
    public async Task No_more_than_the_window_is_in_flight_and_an_ack_makes_room()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3", "4", "5");
        var receiver = await mailbox.OpenAsync(window: 2);
        var first = (await receiver.TakeAsync()).Entries;
        first.Count.ShouldBe(2);

        var full = await receiver.TakeAsync();
        (full.Entries.Count, full.TakeAgain).ShouldBe((0, true));
        await receiver.AckAsync(first[0].Position);

        (await receiver.BodiesAsync()).ShouldBe(["3"]);
        await receiver.AckAsync();
        (await receiver.BodiesAsync()).ShouldBe(["4", "5"]);
    }

    [Fact]
    public async Task Open_NowWithMoreOldMessagesThanTheWindow_DoesNotStall()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3", "4", "5");
        var receiver = await mailbox.OpenAsync(StartAt.Now, window: 2);

        await mailbox.StoreManyAsync("6", "7", "8");

        (await receiver.BodiesAsync()).ShouldBe(["6", "7"]);
        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await receiver.BodiesAsync()).ShouldBe(["8"]);
    }

    [Fact]
    public async Task Messages_that_left_before_they_were_seen_do_not_fill_the_window()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("old"); // keeps the head, and is not in flight
        var receiver = await mailbox.OpenAsync(StartAt.Now, window: 2);
        foreach (var body in new[] { "x", "y" })
        {
            (await mailbox.TakeBackAsync(await mailbox.StoreAsync(body))).ShouldBeTrue();
        }

        (await receiver.BodiesAsync()).ShouldBeEmpty(); // there is nothing that the client could acknowledge
        await mailbox.StoreManyAsync("a", "b", "c");

        (await receiver.BodiesAsync()).ShouldBe(["a", "b"]);
        (await receiver.BodiesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sent_is_written_before_the_entries_return()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3");
        var receiver = await mailbox.OpenAsync();
        for (var i = 1; i <= 3; i++)
        {
            await receiver.TakeAsync(1);
            (await mailbox.NumberAsync("sent")).ShouldBe(i);
        }
    }

    [Fact]
    public async Task Nothing_leaves_a_receiver_that_does_not_acknowledge_before_it_was_flushed()
    {
        var mailbox = fixture.Mailbox(new MailboxOptions { ResumeLength = 0 });
        await mailbox.StoreManyAsync("1", "2", "3");
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync(most: 2);
        (await mailbox.PeekAsync()).ShouldBe(["1", "2", "3"]);

        await receiver.BodiesAsync(most: 1);
        (await mailbox.PeekAsync()).ShouldBe(["3"]);

        // It broke while 3 was written: 3 comes again.
        await receiver.LeaveAsync(isFlushed: false);
        (await (await mailbox.OpenAsync(ack: AckMode.None)).BodiesAsync()).ShouldBe(["3"]);
    }

    [Fact]
    public async Task Leave_TellsWhatWasFlushedLast()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2);
        await mailbox.StoreManyAsync("1", "2");
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync();

        await receiver.LeaveAsync(isFlushed: true);

        (await mailbox.InfoAsync()).Flushed.ShouldBe(2);
        (await mailbox.DeliverAsync("3")).Outcome.ShouldBe(DeliveryOutcome.Stored);
    }

    [Fact]
    public async Task Leave_OfASupersededSession_TellsNothing()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("1");
        var first = await mailbox.OpenAsync(ack: AckMode.None);
        await first.BodiesAsync();
        await mailbox.OpenAsync();

        await first.LeaveAsync(isFlushed: true);

        (await mailbox.InfoAsync()).Flushed.ShouldBe(0);
    }

    [Fact]
    public async Task Take_MoreBytesThanOneReply_ComesInPages()
    {
        var mailbox = fixture.Mailbox();
        for (var i = 0; i < 20; i++)
        {
            await mailbox.StoreAsync(new string((char)('a' + i), 60_000));
        }

        var receiver = await mailbox.OpenAsync();
        var all = await receiver.DrainAsync();

        all[0].Entries.Count.ShouldBeInRange(1, 4);
        all.SelectMany(taken => TestReceiver.BodiesOf(taken.Entries)).Select(body => body[0])
            .ShouldBe(Enumerable.Range(0, 20).Select(i => (char)('a' + i)));
    }

    [Fact]
    public async Task A_small_message_before_large_ones_does_not_make_a_page_large()
    {
        var mailbox = fixture.Mailbox();
        for (var i = 0; i < 50; i++)
        {
            await mailbox.StoreAsync("small");
        }

        for (var i = 0; i < 10; i++)
        {
            await mailbox.StoreAsync(new string('x', 60_000));
        }

        var receiver = await mailbox.OpenAsync();
        var all = await receiver.DrainAsync();

        all.Max(taken => taken.Entries.Sum(entry => entry.Message!.Body.Length)).ShouldBeLessThanOrEqualTo(256 * 1024);
        all.Sum(taken => taken.Entries.Count).ShouldBe(60);
    }

    [Fact]
    public async Task A_watcher_that_starts_now_sees_what_comes()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2");
        var watcher = await mailbox.OpenAsync(StartAt.Now, shared: true);
        await mailbox.StoreAsync("3");

        (await watcher.BodiesAsync()).ShouldBe(["3"]);
        (await mailbox.InfoAsync()).ShouldSatisfyAllConditions(
            info => info.Sent.ShouldBe(0),
            info => info.Epoch.ShouldBe(0),
            info => info.Receiver.ShouldBeNull());
    }

    [Fact]
    public async Task A_watcher_is_told_what_the_receiver_acknowledged_before_it_saw_it()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3");
        var watcher = await mailbox.OpenAsync(shared: true);
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        await receiver.AckAsync();

        var taken = await watcher.TakeAsync();

        taken.Gap.ShouldBe(new Gap(1, 2, "acknowledged"));
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["3"]);
    }
}
