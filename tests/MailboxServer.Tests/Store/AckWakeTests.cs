using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>An ack wakes where it may have made room for what waits, and nowhere else: each wake is a take.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class AckWakeTests(RedisFixture fixture)
{
    [Fact]
    public async Task Who_has_everything_is_not_woken_by_what_it_acknowledges()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync(window: 4);
        await mailbox.StoreManyAsync("1", "2", "3");
        var taken = (await receiver.TakeAsync()).Entries;
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        foreach (var entry in taken)
        {
            (await receiver.AckAsync(entry.Position)).ShouldBe(AckOutcome.Acked);
        }

        (await wakes.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_last_message_of_a_full_window_leaves_nothing_to_wake_for()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2");
        var receiver = await mailbox.OpenAsync(window: 2);
        await receiver.BodiesAsync();
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await receiver.AckAsync();

        (await wakes.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Whom_its_window_held_back_is_woken()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3");
        var receiver = await mailbox.OpenAsync(window: 2);
        var taken = (await receiver.TakeAsync()).Entries;
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await receiver.AckAsync(taken[0].Position);

        (await wakes.CountAsync()).ShouldBe(1);
        (await receiver.BodiesAsync()).ShouldBe(["3"]);
    }

    /// <summary>Everything counts as sent already, and what it may not take yet waits all the same.</summary>
    [Fact]
    public async Task Who_comes_back_with_a_smaller_window_is_woken_for_what_was_sent_before()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3");
        var before = await mailbox.OpenAsync(window: 5);
        var start = before.Cursor;
        (await before.BodiesAsync()).Length.ShouldBe(3);
        var receiver = await mailbox.OpenAsync(window: 2, cursor: start);
        (await receiver.BodiesAsync()).ShouldBe(["1", "2"]);
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await receiver.AckAsync();

        (await wakes.CountAsync()).ShouldBe(1);
        (await receiver.BodiesAsync()).ShouldBe(["3"]);
    }

    /// <summary>The room came by expiry, which wakes nobody: less than the window is kept now.</summary>
    [Fact]
    public async Task Who_was_held_back_by_what_has_expired_since_is_woken()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync(window: 3);
        var now = await mailbox.NowMillisecondsAsync();
        await mailbox.BareManyAsync(Entries.Expiring(now, now + 2_000, "1"), Entries.Expiring(now, now + 2_000, "2"));
        await mailbox.StoreManyAsync("3", "4");
        (await receiver.TakeAsync()).Entries.Count.ShouldBe(3);
        await mailbox.WaitUntilAsync(now + 2_200);
        (await mailbox.InfoAsync()).First.ShouldBe(3);
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        await receiver.AckAsync();

        (await wakes.CountAsync()).ShouldBe(1);
        (await receiver.BodiesAsync()).ShouldBe(["4"]);
    }

    [Fact]
    public async Task Who_stands_in_a_former_generation_is_woken_to_hear_of_it()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("1");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        await mailbox.BecomeAnotherServerAsync();
        await mailbox.InfoAsync();
        await using var wakes = await Wakes.OfAsync(mailbox, fixture.Engine);

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);

        (await wakes.CountAsync()).ShouldBe(1);
        (await receiver.TakeAsync()).Reset.ShouldBe(ResetReasons.Failover);
    }
}
