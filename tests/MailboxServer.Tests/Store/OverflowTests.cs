using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>What happens at a mailbox's limits.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class OverflowTests(RedisFixture fixture)
{
    [Fact]
    public async Task Reject_AtTheLimit_LosesNothing()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 3);
        await mailbox.StoreManyAsync("1", "2", "3");

        for (var i = 0; i < 10; i++)
        {
            (await mailbox.DeliverAsync("x")).Outcome.ShouldBe(DeliveryOutcome.Full);
        }

        (await mailbox.PeekAsync()).ShouldBe(["1", "2", "3"]);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Reject_CountsBytesWithTheEnvelope()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 1000);
        await mailbox.StoreAsync(new string('a', 800));

        (await mailbox.DeliverAsync(new string('b', 190))).Outcome.ShouldBe(DeliveryOutcome.Full);
        (await mailbox.DeliverAsync(new string('c', 50))).Outcome.ShouldBe(DeliveryOutcome.Stored);
    }

    [Fact]
    public async Task DropOldest_AtTheLimitOfBytes_DropsAsManyAsItTakes()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 1000, overflow: "dropOldest");
        await mailbox.StoreManyAsync(new string('1', 250), new string('2', 250), new string('3', 250));

        await mailbox.StoreAsync(new string('4', 500));

        (await mailbox.PeekAsync()).Select(body => body[0]).ShouldBe(['3', '4']);
        (await mailbox.OpenAsync()).Opened.Gap.ShouldBe(new Gap(1, 2, GapReasons.Dropped));
    }

    [Fact]
    public async Task DropOldest_WhatCanNeverFit_IsRefusedAndDropsNothing()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 1000, overflow: "dropOldest");
        await mailbox.StoreAsync("a");

        (await mailbox.DeliverAsync(new string('x', 1000))).Outcome.ShouldBe(DeliveryOutcome.Full);

        (await mailbox.PeekAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task DropOldest_UnderALiveReceiver_IsAnnouncedInItsStream()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 3, overflow: "dropOldest");
        var receiver = await mailbox.OpenAsync(window: 1);
        await mailbox.StoreManyAsync("1", "2", "3", "4", "5", "6");
        (await receiver.TakeAsync()).ShouldSatisfyAllConditions(
            taken => taken.Gap.ShouldBe(new Gap(1, 3, GapReasons.Dropped)),
            taken => TestReceiver.BodiesOf(taken.Entries).ShouldBe(["4"]));

        await mailbox.StoreManyAsync("7", "8");

        (await receiver.TakeAsync()).ShouldSatisfyAllConditions(
            taken => taken.Gap.ShouldBe(new Gap(5, 5, GapReasons.Dropped)), // 4 was sent before it was dropped
            taken => TestReceiver.BodiesOf(taken.Entries).ShouldBe(["6"]));
    }

    [Fact]
    public async Task Dropped_before_anybody_came_is_told_to_new_receivers_until_one_goes_on()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2, overflow: "dropOldest");
        await mailbox.StoreManyAsync("1", "2", "3", "4");

        (await mailbox.OpenAsync(shared: true)).Opened.Gap.ShouldBeNull();
        (await mailbox.OpenAsync()).Opened.Gap.ShouldBe(new Gap(1, 2, GapReasons.Dropped)); // the answer may have been lost
        var receiver = await mailbox.OpenAsync();
        receiver.Opened.Gap.ShouldBe(new Gap(1, 2, GapReasons.Dropped));
        await receiver.TakeAsync(most: 1);
        (await mailbox.OpenAsync()).Opened.Gap.ShouldBeNull();
    }

    [Fact]
    public async Task What_was_flushed_goes_before_anything_is_refused()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 3);
        await mailbox.StoreManyAsync("1", "2", "3");
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync(most: 2);
        await receiver.BodiesAsync(most: 1); // 1 and 2 are flushed, 3 is only sent
        var old = receiver.CursorAt(default(Position) with { Generation = receiver.Position.Generation });

        await mailbox.StoreManyAsync("4", "5");
        (await mailbox.DeliverAsync("6")).Outcome.ShouldBe(DeliveryOutcome.Full);

        (await mailbox.PeekAsync()).ShouldBe(["3", "4", "5"]);
        (await mailbox.OpenAsync(cursor: old, ack: AckMode.None)).Opened.Gap.ShouldBe(new Gap(1, 2, GapReasons.Window));
    }

    [Fact]
    public async Task What_has_expired_goes_before_what_may_still_be_resumed()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 3);
        var now = await mailbox.NowMillisecondsAsync();
        await mailbox.StoreManyAsync("1", "2");
        await mailbox.BareAsync(Entries.Expiring(now, now + 200, "gone"));
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync(most: 2);
        await receiver.BodiesAsync(most: 1); // 1 and 2 are flushed
        await mailbox.WaitUntilAsync(now + 200);

        await mailbox.StoreAsync("3");

        (await mailbox.PeekAsync()).ShouldBe(["1", "2", "3"]);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task A_plain_receiver_that_has_read_everything_never_causes_a_refusal()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        for (var i = 0; i < 40; i++)
        {
            await mailbox.StoreAsync($"{i}");
            var taken = await receiver.DrainAsync(); // `again` makes it tell its flush
            taken.SelectMany(one => TestReceiver.BodiesOf(one.Entries)).ShouldBe([$"{i}"]);
        }
    }

    [Fact]
    public async Task A_plain_receiver_that_has_read_large_messages_never_causes_a_refusal()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 1000);
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        for (var i = 0; i < 20; i++)
        {
            await mailbox.StoreAsync(new string('x', 700));
            (await receiver.DrainAsync()).Sum(one => one.Entries.Count).ShouldBe(1);
        }
    }

    [Fact]
    public async Task Topic_AtTheLimit_ReplacesInsteadOfBeingRefused()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2);
        await mailbox.StoreAsync("a");
        await mailbox.StoreAsync("old", topic: "t");

        await mailbox.StoreAsync("new", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe(["a", "new"]);
        (await mailbox.DeliverAsync("b")).Outcome.ShouldBe(DeliveryOutcome.Full);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Configure_LowerLimit_DropsOldestAndSaysSo()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("1", "2", "3", "4");
        var receiver = await mailbox.OpenAsync();

        await mailbox.WithLimitsAsync(maxMessages: 2);

        (await receiver.TakeAsync()).ShouldSatisfyAllConditions(
            taken => taken.Gap.ShouldBe(new Gap(1, 2, GapReasons.Dropped)),
            taken => TestReceiver.BodiesOf(taken.Entries).ShouldBe(["3", "4"]));
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Bare_deliveries_that_are_taken_back_behind_a_message_in_flight_do_not_grow_the_list()
    {
        const int Max = 4;
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: Max);
        await mailbox.StoreAsync("in flight");
        var receiver = await mailbox.OpenAsync(window: 1);
        await receiver.BodiesAsync();
        for (var i = 0; i < 50; i++)
        {
            await mailbox.BareAsync($"{i}");
            var last = (await mailbox.PeekEntriesAsync()).Entries[^1].Position;
            await mailbox.TakeBackAsync(new MessageId(last.Generation, last.Sequence));
        }

        (await mailbox.LengthAsync()).ShouldBeLessThanOrEqualTo((3 * Max) + 1);
    }
}
