using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>RFC 8030 section 5.4: an unsent older message of the topic is replaced. And what that leaves in the list.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class TopicTests(RedisFixture fixture)
{
    private const int Max = 16;

    [Fact]
    public async Task A_thousand_deliveries_of_one_topic_to_an_absent_client_keep_the_list_short()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: Max);

        var longest = await DeliverManyAsync(mailbox, 1000);

        longest.ShouldBeLessThanOrEqualTo((2 * Max) + 2);
        (await mailbox.PeekAsync()).ShouldBe(["1000"]);
        await mailbox.ShouldCountRightAsync();
        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();
        (taken.Gap, taken.Reset).ShouldBe((null, null));
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["1000"]);
    }

    [Fact]
    public async Task A_thousand_deliveries_of_one_topic_behind_a_live_message_keep_the_list_short()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: Max);
        await mailbox.StoreAsync("live");

        var longest = await DeliverManyAsync(mailbox, 1000);

        longest.ShouldBeLessThanOrEqualTo((2 * Max) + 2);
        (await mailbox.PeekAsync()).ShouldBe(["live", "1000"]);
        await mailbox.ShouldCountRightAsync();
        await mailbox.ShouldHaveOneDeadlineAsync();
        (await (await mailbox.OpenAsync()).BodiesAsync()).ShouldBe(["live", "1000"]);
    }

    [Fact]
    public async Task A_thousand_deliveries_of_one_topic_behind_a_full_window_are_refused_before_the_list_grows()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: Max);
        await mailbox.StoreManyAsync("1", "2");
        var receiver = await mailbox.OpenAsync(window: 2);
        await receiver.BodiesAsync();

        var (longest, last) = (0L, "");
        for (var i = 0; i < 1000; i++)
        {
            var delivered = await mailbox.DeliverAsync($"{i}", topic: "t");
            last = delivered.Outcome == DeliveryOutcome.Stored ? $"{i}" : last;
            longest = Math.Max(longest, await mailbox.LengthAsync());
        }

        longest.ShouldBeLessThanOrEqualTo((2 * Max) + 2);
        (await mailbox.PeekAsync()).ShouldBe(["1", "2", last]);
        (await receiver.TakeAsync()).Entries.ShouldBeEmpty();
        await receiver.AckAsync();
        (await receiver.BodiesAsync()).ShouldBe([last]);
        (await mailbox.DeliverAsync("again", topic: "t")).Outcome.ShouldBe(DeliveryOutcome.Stored);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Behind_a_full_window_with_dropOldest_the_newest_always_gets_in_and_only_what_was_sent_goes()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: Max, overflow: "dropOldest");
        await mailbox.StoreManyAsync("1", "2");
        var receiver = await mailbox.OpenAsync(window: 1);
        await receiver.BodiesAsync();

        (await DeliverManyAsync(mailbox, 1000)).ShouldBeLessThanOrEqualTo((2 * Max) + 2);

        (await mailbox.PeekAsync()).ShouldBe(["2", "1000"]);
        var all = await receiver.DrainAsync(acknowledges: true);
        all.SelectMany(taken => TestReceiver.BodiesOf(taken.Entries)).ShouldBe(["2", "1000"]);
        all.ShouldAllBe(taken => taken.Gap == null && taken.Reset == null);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task A_message_that_a_watcher_has_seen_is_still_replaced()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("old", topic: "t");
        var watcher = await mailbox.OpenAsync(shared: true);
        (await watcher.BodiesAsync()).ShouldBe(["old"]);

        await mailbox.StoreAsync("new", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe(["new"]);
        var taken = await watcher.TakeAsync();
        (taken.Reset, taken.Gap).ShouldBe((null, null)); // its place was trimmed, and its check is kept
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["new"]);
    }

    [Fact]
    public async Task A_bare_body_that_looks_like_a_header_has_no_topic()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        const string Bare = "{\"topic\":\"t\"}";
        await mailbox.BareAsync(Bare);
        for (var i = 0; i < 6; i++)
        {
            await mailbox.StoreAsync($"{i}", topic: "u"); // the unsent is appended again at fresh sequences
        }

        (await mailbox.InfoAsync()).First.ShouldBeGreaterThan(1);
        await mailbox.StoreAsync("x", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe([Bare, "5", "x"], ignoreOrder: true);
    }

    [Fact]
    public async Task After_its_numbers_were_given_anew_a_topic_is_still_replaced()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        await mailbox.StoreAsync("live");
        await mailbox.StoreAsync("old", topic: "t");
        for (var i = 0; i < 6; i++)
        {
            await mailbox.StoreAsync($"{i}", topic: "u");
        }

        (await mailbox.InfoAsync()).First.ShouldBeGreaterThan(1);
        await mailbox.StoreAsync("new", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe(["live", "5", "new"]);
    }

    [Fact]
    public async Task Numbers_given_anew_leave_one_deadline_also_where_the_index_was_lost()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2);
        await mailbox.StoreAsync("live", topic: "t");
        for (var i = 0; i < 3; i++)
        {
            await mailbox.BareAsync($"{i}");
            var last = (await mailbox.PeekEntriesAsync()).Entries[^1].Position;
            await mailbox.Cli.ExecuteAsync("DEL", mailbox.Index);
            await mailbox.TakeBackAsync(new MessageId(last.Generation, last.Sequence));
        }

        (await mailbox.InfoAsync()).First.ShouldBeGreaterThan(1);
        (await mailbox.DeadlinesAsync())[2].ShouldBeGreaterThan(0);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task Topics_of_messages_that_expired_unsent_do_not_fill_the_index()
    {
        var mailbox = fixture.Mailbox();
        var seeded = await mailbox.StoreAsync("a", topic: "seed");
        var stale = Enumerable.Range(0, 3000).SelectMany(i => new object[] { $"topic:stale{i}", $"{seeded.Generation} {seeded.Sequence}" });
        await mailbox.TakeBackAsync(seeded);
        await mailbox.Cli.ExecuteAsync(["HSET", mailbox.Index, .. stale]);

        await mailbox.StoreAsync("b", topic: "t");

        ((long)(await mailbox.Cli.ExecuteAsync("HLEN", mailbox.Index))!).ShouldBeLessThan(10);
    }

    private static async Task<long> DeliverManyAsync(TestMailbox mailbox, int count)
    {
        var longest = 0L;
        for (var i = 1; i <= count; i++)
        {
            await mailbox.StoreAsync($"{i}", topic: "t");
            longest = Math.Max(longest, await mailbox.LengthAsync());
        }

        return longest;
    }
}
