using Mailbox;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>How long mailboxes and messages live, by Redis's clock.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class ExpiryTests(RedisFixture fixture)
{
    [Fact]
    public async Task Every_script_leaves_one_deadline_on_all_keys()
    {
        var mailbox = fixture.Mailbox();
        var none = CancellationToken.None;
        var id = await mailbox.StoreAsync("a", topic: "t", key: "k");
        await CheckAsync();
        await mailbox.FunctionAsync("b", "topic", "u", "idempotencyKey", "l");
        await CheckAsync();
        var receiver = await mailbox.OpenAsync();
        await CheckAsync();
        await receiver.TakeAsync(1);
        await CheckAsync();
        await receiver.AckAsync();
        await CheckAsync();
        await mailbox.TakeBackAsync(id with { Sequence = 2 });
        await CheckAsync();
        await mailbox.PeekAsync();
        await CheckAsync();
        await mailbox.InfoAsync();
        await CheckAsync();
        await receiver.LeaveAsync();
        await CheckAsync();
        await mailbox.WithLimitsAsync(timeToLive: 1000);
        await CheckAsync();
        await mailbox.Store.DismissAsync(mailbox.Name, none);
        await CheckAsync();
        await mailbox.OpenAsync(shared: true);
        await CheckAsync();

        // After each, the next one has to bring everything back in line.
        async Task CheckAsync()
        {
            await mailbox.ShouldHaveOneDeadlineAsync();
            await mailbox.Cli.ExecuteManyAsync([["DEL", mailbox.List + "x"], ["PEXPIRE", mailbox.List, 900_000]]);
        }
    }

    [Fact]
    public async Task Deliveries_do_not_renew_a_mailbox_and_its_receiver_does()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(timeToLive: 90);
        await ShortenAsync(40_000); // a third and more is over
        var deadline = await mailbox.NumberAsync("deadline");

        await mailbox.StoreAsync("a");
        await mailbox.FunctionAsync("b");
        await mailbox.OpenAsync(shared: true);
        (await mailbox.NumberAsync("deadline")).ShouldBe(deadline);

        var receiver = await mailbox.OpenAsync();
        (await mailbox.NumberAsync("deadline")).ShouldBeGreaterThan(deadline);
        await mailbox.ShouldHaveOneDeadlineAsync();

        await ShortenAsync(40_000);
        await receiver.TakeAsync();
        (await mailbox.NumberAsync("deadline")).ShouldBeGreaterThan(deadline);
        await mailbox.ShouldHaveOneDeadlineAsync();

        await ShortenAsync(80_000); // less than a third: not yet
        deadline = await mailbox.NumberAsync("deadline");
        await receiver.TakeAsync();
        (await mailbox.NumberAsync("deadline")).ShouldBe(deadline);

        async Task ShortenAsync(long left)
        {
            var earlier = await mailbox.NowMillisecondsAsync() + left;
            await mailbox.Cli.ExecuteManyAsync(
            [
                ["HSET", mailbox.Hash, "deadline", earlier], ["PEXPIREAT", mailbox.Hash, earlier],
                ["PEXPIREAT", mailbox.List, earlier], ["PEXPIREAT", mailbox.Index, earlier],
            ]);
        }
    }

    [Fact]
    public async Task However_short_a_mailboxs_life_it_does_not_end_under_its_receiver()
    {
        var sweep = 25_000; // the latest that an idle receiver takes again
        var mailbox = await fixture.Mailbox().WithLimitsAsync(timeToLive: 1);
        var receiver = await mailbox.OpenAsync();
        await OutlastsASweepAsync();

        await mailbox.WithLimitsAsync(timeToLive: 2);
        await OutlastsASweepAsync();

        var lapsing = await mailbox.NowMillisecondsAsync() + sweep + 10_000; // as if a take had come 10 s ago
        await mailbox.Cli.ExecuteManyAsync(
        [
            ["HSET", mailbox.Hash, "deadline", lapsing, "lease", lapsing], ["PEXPIREAT", mailbox.Hash, lapsing],
        ]);
        await receiver.TakeAsync();
        (await mailbox.NumberAsync("lease")).ShouldBeGreaterThan(lapsing);
        await OutlastsASweepAsync();

        async Task OutlastsASweepAsync()
        {
            (await mailbox.NumberAsync("deadline") - await mailbox.NowMillisecondsAsync()).ShouldBeGreaterThan(sweep);
            await mailbox.ShouldHaveOneDeadlineAsync();
        }
    }

    [Fact]
    public async Task A_mailbox_to_which_nobody_comes_is_removed()
    {
        const int Life = 4;
        var mailbox = await fixture.Mailbox().WithLimitsAsync(timeToLive: Life);
        var delivered = await mailbox.DeliverAsync("a", topic: "t", key: "k");
        await mailbox.BareAsync("b");
        var end = delivered.Expires.ToUnixTimeMilliseconds();
        (end - await mailbox.NowMillisecondsAsync()).ShouldBeLessThanOrEqualTo(Life * 1000);

        await mailbox.WaitUntilAsync(end);

        (await mailbox.ExistsAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Deliver_TtlAboveTheMailbox_IsLoweredAndSaid()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(timeToLive: 100);

        var delivered = await mailbox.DeliverAsync("a", ttl: 5000);

        delivered.TimeToLive.ShouldBe(100);
        delivered.Expires.ToUnixTimeMilliseconds().ShouldBe(await mailbox.NumberAsync("deadline"));
    }

    [Fact]
    public async Task Deliver_Ttl0_NobodyThere_IsNotStored()
    {
        var mailbox = fixture.Mailbox();

        var delivered = await mailbox.DeliverAsync("a", ttl: 0, key: "k");

        delivered.Outcome.ShouldBe(DeliveryOutcome.Absent);
        (await mailbox.ExistsAsync()).ShouldBeFalse();
        await mailbox.OpenAsync();
        (await mailbox.DeliverAsync("b", ttl: 0, key: "k")).Outcome.ShouldBe(DeliveryOutcome.Stored); // not remembered
    }

    [Fact]
    public async Task Expired_messages_leave_quietly_wherever_they_stand()
    {
        var mailbox = fixture.Mailbox();
        var now = await mailbox.NowMillisecondsAsync();
        await mailbox.BareManyAsync(
            Entries.Expiring(now, now + 50, "gone 1"), "a", Entries.Expiring(now, now + 60_000, "later"),
            Entries.Expiring(now, now + 50, "gone 2"), "b", Entries.Expiring(now, now + 50, "gone 3"));
        await mailbox.InfoAsync();
        await mailbox.WaitUntilAsync(now + 200);

        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();

        (receiver.Opened.Gap, taken.Gap).ShouldBe((null, null));
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "later", "b"]);
        (await mailbox.InfoAsync()).Messages.ShouldBe(3);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Expired_messages_make_room()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2);
        var now = await mailbox.NowMillisecondsAsync();
        await mailbox.BareManyAsync("a", Entries.Expiring(now, now + 50, "gone"));
        await mailbox.InfoAsync();
        await mailbox.WaitUntilAsync(now + 200);

        await mailbox.StoreAsync("b");

        (await mailbox.PeekAsync()).ShouldBe(["a", "b"]);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task TakeBack_AnExpiredMessage_IsNotThere()
    {
        var mailbox = fixture.Mailbox();
        var now = await mailbox.NowMillisecondsAsync();
        await mailbox.BareAsync(Entries.Expiring(now, now + 1_000, "gone"));
        Identifier.TryParse((await mailbox.InfoAsync()).Generation, out var generation).ShouldBeTrue();
        await mailbox.WaitUntilAsync(now + 1_000);

        (await mailbox.TakeBackAsync(new MessageId(generation, 1))).ShouldBeFalse();
    }

    [Fact]
    public async Task A_window_full_of_expired_messages_does_not_stall()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync(window: 3);
        const int Life = 3_000;
        var now = await mailbox.NowMillisecondsAsync();
        for (var i = 0; i < 3; i++)
        {
            await mailbox.BareAsync(Entries.Expiring(now, now + Life, $"short {i}"));
        }

        (await receiver.TakeAsync()).Entries.Count.ShouldBe(3);
        await mailbox.StoreManyAsync("a", "b");
        (await receiver.TakeAsync()).Entries.ShouldBeEmpty(); // three are in flight
        await mailbox.WaitUntilAsync(now + Life + 200);

        (await receiver.BodiesAsync()).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task An_expired_topic_message_that_is_replaced_leaves_once()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("first");
        var old = await mailbox.DeliverAsync("old", topic: "t", ttl: 1);
        await mailbox.WaitUntilAsync(old.Expires.ToUnixTimeMilliseconds());

        await mailbox.StoreAsync("new", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe(["first", "new"]);
        await mailbox.ShouldCountRightAsync();
    }
}
