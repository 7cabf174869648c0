using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>
/// Redis restarted or failed over, with or without losing its newest writes: nothing is named twice, every receiver is
/// told once, also one that had not seen what was lost, and nothing is given again (G4, G5).
/// </summary>
[Collection(StoreOnRedis.Name)]
public sealed class FailoverTests(RedisFixture fixture)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_receiver_that_had_not_seen_what_was_lost_is_told_once_and_goes_on(bool comesBack)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        var place = receiver.Position;
        await LoseAsync(mailbox, () => mailbox.StoreManyAsync("d", "e"));
        await mailbox.StoreAsync("D");

        if (comesBack)
        {
            receiver = await mailbox.OpenAsync(cursor: receiver.Cursor);
            (receiver.Opened.Reset, receiver.Opened.Gap).ShouldBe((ResetReasons.Failover, null));
            receiver.Position.ShouldBe(place with { Generation = receiver.Position.Generation });
            (await receiver.BodiesAsync()).ShouldBe(["c", "D"]);
        }
        else
        {
            var taken = await receiver.TakeAsync();
            (taken.Reset, taken.Gap).ShouldBe((ResetReasons.Failover, null));
            TestReceiver.BodiesOf(taken.Entries).ShouldBe(["c", "D"]);
        }

        receiver.Position.Generation.ShouldNotBe(place.Generation);
        receiver.Position.Sequence.ShouldBe(4);
        await mailbox.StoreAsync("E");
        var after = await receiver.TakeAsync();
        after.Reset.ShouldBeNull();
        TestReceiver.BodiesOf(after.Entries).ShouldBe(["E"]);
        (await mailbox.OpenAsync(cursor: receiver.Cursor)).Opened.Reset.ShouldBeNull();
        await mailbox.ShouldCountRightAsync();
    }

    [Theory]
    [InlineData("store")]
    [InlineData("function")]
    [InlineData("bare")]
    public async Task An_id_that_was_answered_never_names_what_came_after_the_loss(string door)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var lost = default(MessageId);
        await LoseAsync(mailbox, async () => lost = await mailbox.StoreAsync("c"));

        switch (door)
        {
            case "store":
                (await mailbox.StoreAsync("C")).ShouldNotBe(lost);
                break;
            case "function":
                TestMailbox.IdOf(await mailbox.FunctionAsync("C")).ShouldNotBe(lost);
                break;
            default:
                await mailbox.BareAsync("C");
                break;
        }

        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();
        taken.Entries.Select(entry => entry.Message!.Id).ShouldNotContain(lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "b", "C"]);
        (await mailbox.TakeBackAsync(lost)).ShouldBeFalse();
        (await mailbox.ReadAsync(lost)).ShouldBeNull();
    }

    /// <summary>Nothing is delivered by it and nothing waits: only the receiver itself can find out.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_receiver_that_has_everything_is_told_without_a_new_message(bool isShared)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync(shared: isShared);
        await receiver.BodiesAsync();
        await mailbox.BecomeAnotherServerAsync();

        var taken = await receiver.TakeAsync();

        (taken.Reset, taken.Gap, taken.Entries.Count).ShouldBe((ResetReasons.Failover, null, 0));
        (await receiver.TakeAsync()).Reset.ShouldBeNull();
    }

    [Fact]
    public async Task What_was_kept_may_be_called_by_its_old_name()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var replaced = await mailbox.StoreAsync("old", topic: "t");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        await mailbox.BecomeAnotherServerAsync();
        await mailbox.StoreAsync("new", topic: "t");

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await mailbox.PeekAsync()).ShouldBe(["c", "new"]);
        var id = replaced with { Sequence = 3 };
        (await mailbox.ReadAsync(id)).ShouldBe("c");
        (await mailbox.TakeBackAsync(id)).ShouldBeTrue();
        (await receiver.BodiesAsync()).ShouldBe(["new"]);
    }

    [Fact]
    public async Task A_peek_goes_on_behind_the_last_that_its_generation_named_and_that_names_no_more()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var last = await mailbox.StoreAsync("b");
        await mailbox.BecomeAnotherServerAsync();
        await mailbox.StoreAsync("c");

        var behind = await mailbox.PeekEntriesAsync(last.Sequence, 10, last.Generation);
        (behind.Outcome, TestReceiver.BodiesOf(behind.Entries).Single()).ShouldBe((PeekOutcome.Peeked, "c"));
        (await mailbox.ReadAsync(last)).ShouldBe("b");
        (await mailbox.ReadAsync(last with { Sequence = 3 })).ShouldBeNull("that number is of the next generation");
        (await mailbox.PeekEntriesAsync(3, 10, last.Generation)).Outcome.ShouldBe(PeekOutcome.Stale);
    }

    [Fact]
    public async Task A_receiver_that_had_seen_what_was_lost_begins_anew_and_an_ack_of_it_removes_nothing()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        await LoseAsync(mailbox, async () =>
        {
            await mailbox.StoreAsync("b");
            await receiver.BodiesAsync();
        });
        await mailbox.StoreAsync("B");

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Stale);
        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "B"]);
    }

    /// <summary>Bare bodies have no nonce: byte-identical ones have one check, and only the generation tells them apart.</summary>
    [Fact]
    public async Task A_bare_body_that_is_delivered_again_in_the_place_of_a_lost_one_is_another_message()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.BareAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        await LoseAsync(mailbox, async () =>
        {
            await mailbox.BareAsync("same");
            await receiver.BodiesAsync();
        });
        await mailbox.BareAsync("same");

        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "same"]);
    }

    /// <summary>The replica had the messages, and not yet that they were sent.</summary>
    [Fact]
    public async Task A_receiver_ahead_of_what_the_new_primary_knows_as_sent_is_given_nothing_again()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await LoseAsync(mailbox, () => receiver.BodiesAsync(most: 2));

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        var taken = await receiver.TakeAsync();
        taken = taken.Reset is null ? await receiver.TakeAsync() : taken;

        taken.Reset.ShouldBe(ResetReasons.Failover);
        (await mailbox.PeekAsync()).ShouldBe(["c"]);
        (await mailbox.NumberAsync("sent")).ShouldBe(3);
    }

    [Fact]
    public async Task New_receivers_are_told_of_a_failover_that_nobody_was_told_of_until_one_goes_on()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        await LoseAsync(mailbox, () => mailbox.StoreAsync("b"));

        (await mailbox.OpenAsync(shared: true)).Opened.Reset.ShouldBeNull();
        var first = await mailbox.OpenAsync();
        var second = await mailbox.OpenAsync(); // the first one's answer may have been lost
        (await second.BodiesAsync()).ShouldBe(["a"]);
        var third = await mailbox.OpenAsync();

        (first.Opened.Reset, second.Opened.Reset, third.Opened.Reset).ShouldBe((ResetReasons.Failover, ResetReasons.Failover, null));
    }

    /// <summary>Cut off behind the reset, it comes back to the gap: the two are told one after the other.</summary>
    [Fact]
    public async Task A_loss_and_what_limits_dropped_meanwhile_are_both_told_and_each_from_its_own_place()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2, overflow: "dropOldest");
        await mailbox.StoreAsync("1");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        await mailbox.StoreManyAsync("2", "3", "4", "5");
        await mailbox.BecomeAnotherServerAsync();

        var opened = (await mailbox.OpenAsync(cursor: receiver.Cursor)).Opened;
        (opened.Reset, opened.Gap).ShouldBe((ResetReasons.Failover, new Gap(2, 3, GapReasons.Dropped)));

        var behindTheReset = receiver.CursorAt(opened.Position.Before(opened.Gap!.Value));
        var again = (await mailbox.OpenAsync(cursor: behindTheReset)).Opened;
        (again.Reset, again.Gap).ShouldBe((null, new Gap(2, 3, GapReasons.Dropped)));
    }

    /// <summary>The one in the hash was told that it is replaced, and does not come back: then nobody would have the mailbox.</summary>
    [Fact]
    public async Task A_takeover_that_a_failover_lost_is_not_refused_when_it_comes_back()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var older = await mailbox.OpenAsync();
        await older.BodiesAsync();
        var newer = default(TestReceiver)!;
        await LoseAsync(mailbox, async () => newer = await mailbox.OpenAsync(cursor: null));

        var back = await mailbox.OpenAsync(cursor: newer.Cursor);

        back.Opened.IsRefused.ShouldBeFalse();
        (await older.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Replaced);
        await back.TakeAsync();
        (await mailbox.OpenAsync(cursor: older.Cursor)).Opened.IsRefused.ShouldBeTrue("the newest is present");
    }

    [Fact]
    public async Task A_client_away_over_four_failovers_is_carried_and_over_five_begins_anew()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        var early = receiver.Position;
        for (var i = 0; i < 4; i++)
        {
            await mailbox.BecomeAnotherServerAsync();
            await mailbox.StoreAsync($"{i}");
        }

        var fourth = await mailbox.OpenAsync(cursor: receiver.CursorAt(early));
        fourth.Opened.Reset.ShouldBe(ResetReasons.Failover);
        (await fourth.BodiesAsync(most: 1)).ShouldBe(["b"]);
        await mailbox.BecomeAnotherServerAsync();
        var fifth = await mailbox.OpenAsync(cursor: receiver.CursorAt(early));
        fifth.Opened.Reset.ShouldBe(ResetReasons.Lost);
    }

    [Fact]
    public async Task A_list_that_is_lost_with_a_failover_is_told_once()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        await mailbox.BecomeAnotherServerAsync();
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.List);
        await mailbox.StoreAsync("c");

        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["c"]);
        (await receiver.TakeAsync()).Reset.ShouldBeNull();
    }

    [Theory]
    [InlineData("era")]
    [InlineData("former")]
    public async Task A_hash_of_before_this_was_known_costs_nothing(string field)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        await mailbox.Cli.ExecuteAsync("HDEL", mailbox.Hash, field);
        await mailbox.StoreAsync("b");

        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBeNull();
        (await mailbox.FieldAsync("era")).ShouldNotBeNull();
    }

    /// <summary>A replica is promoted that had everything but what this does.</summary>
    private static async Task LoseAsync(TestMailbox mailbox, Func<Task> newest)
    {
        var kept = await mailbox.KeepAsync();
        await newest();
        await mailbox.FallBackAsync(kept);
        await mailbox.BecomeAnotherServerAsync();
    }
}
