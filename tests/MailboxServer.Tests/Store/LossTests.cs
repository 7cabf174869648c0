using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>Redis lost something: what a receiver is told, and that nothing takes another's name (G4, G5).</summary>
[Collection(StoreOnRedis.Name)]
public sealed class LossTests(RedisFixture fixture)
{
    [Fact]
    public async Task A_hash_lost_under_a_living_session_gives_a_reset_and_everything_kept_again()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        var before = receiver.Position.Generation;
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.Hash);

        (await receiver.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Reopen);
        var opened = await receiver.ReopenAsync();

        opened.Reset.ShouldBe(ResetReasons.Lost);
        opened.Epoch.ShouldBe(2);
        (await receiver.BodiesAsync()).ShouldBe(["a", "b", "c"]);
        receiver.Position.Generation.ShouldNotBe(before);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task An_epoch_raised_twice_to_the_same_number_belongs_to_the_one_who_raised_it_last()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.OpenAsync();
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.Hash);
        var second = await mailbox.OpenAsync();
        second.Fence.Epoch.ShouldBe(first.Fence.Epoch);

        var taken = await first.TakeAsync();

        taken.Outcome.ShouldBe(TakeOutcome.Replaced);
        taken.PresentReceiver.ShouldBe(second.Receiver);
        (await second.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Taken);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2")]
    public async Task An_epoch_that_is_missing_or_lower_is_opened_again_in_place(string? lost)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.OpenAsync();
        await mailbox.OpenAsync();
        var receiver = await mailbox.OpenAsync();
        await mailbox.StoreManyAsync("a", "b");
        await receiver.BodiesAsync(most: 1);
        await mailbox.Cli.ExecuteAsync(
            lost is null ? ["HDEL", mailbox.Hash, "epoch"] : ["HSET", mailbox.Hash, "epoch", lost]);

        (await receiver.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Reopen);
        var opened = await receiver.ReopenAsync();

        opened.Epoch.ShouldBe(4);
        (opened.Reset, opened.Gap).ShouldBe((null, null));
        (await receiver.BodiesAsync()).ShouldBe(["b"]);
        (await mailbox.LengthAsync()).ShouldBe(2); // a reopen acknowledges nothing
    }

    [Fact]
    public async Task A_list_lost_under_a_living_hash_and_refilled_is_another_generation()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        var before = receiver.Position.Generation;
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.List);
        await mailbox.BareManyAsync("A", "B", "C", "D");

        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        taken.Position.Generation.ShouldNotBe(before);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["A", "B", "C", "D"]);
        (await mailbox.NumberAsync("sent")).ShouldBe(4);
        await mailbox.ShouldCountRightAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_list_lost_under_a_living_hash_is_noticed_however_little_came_after(int refilled)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.List);
        var came = Enumerable.Range(0, refilled).Select(i => $"new {i}").ToArray();
        await mailbox.BareManyAsync(came);

        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(came);
    }

    [Fact]
    public async Task A_list_that_expired_under_a_living_hash_is_noticed()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        var end = await mailbox.NowMillisecondsAsync() + 20;
        await mailbox.Cli.ExecuteAsync("PEXPIREAT", mailbox.List, end);
        await mailbox.WaitUntilAsync(end);

        var id = await mailbox.StoreAsync("c");

        id.Sequence.ShouldBe(1);
        var taken = await receiver.TakeAsync();
        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["c"]);
    }

    [Fact]
    public async Task An_index_that_is_lost_costs_only_what_it_held()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a", topic: "t", key: "k");
        await mailbox.Cli.ExecuteAsync("DEL", mailbox.Index);

        await mailbox.StoreAsync("b", topic: "t");

        (await (await mailbox.OpenAsync()).BodiesAsync()).ShouldBe(["a", "b"]);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task A_cursor_whose_message_was_taken_back_holds()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        var generation = receiver.Position.Generation;
        await mailbox.TakeBackAsync(new MessageId(generation, 2));
        await mailbox.TakeBackAsync(new MessageId(generation, 1)); // now both are trimmed at the head

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        var back = await mailbox.OpenAsync(cursor: receiver.Cursor);

        (back.Opened.Reset, back.Opened.Gap).ShouldBe((null, null));
        (await back.BodiesAsync()).ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_position_beyond_what_a_failover_kept_is_reset_into_another_generation()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        var kept = await mailbox.KeepAsync();
        await mailbox.StoreManyAsync("c", "d");
        await receiver.BodiesAsync();
        var lost = receiver.Position;

        await mailbox.FallBackAsync(kept);
        var rewritten = await mailbox.StoreAsync("C");
        rewritten.ShouldBe(new MessageId(lost.Generation, 3)); // nobody could know yet
        var taken = await receiver.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        taken.Position.Generation.ShouldNotBe(lost.Generation);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "b", "C"]);
        (await receiver.AckAsync(lost)).ShouldBe(AckOutcome.Stale);
    }

    [Fact]
    public async Task A_client_that_comes_back_after_a_failover_is_reset_also_when_its_number_is_taken_again()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        var kept = await mailbox.KeepAsync();
        await mailbox.StoreAsync("b");
        await receiver.BodiesAsync();
        await mailbox.FallBackAsync(kept);
        await mailbox.StoreAsync("B");
        var other = await mailbox.OpenAsync();
        (await other.BodiesAsync()).ShouldBe(["a", "B"]); // 2 was sent again, to another
        await other.LeaveAsync();

        var back = await mailbox.OpenAsync(cursor: receiver.Cursor);

        back.Opened.Reset.ShouldBe(ResetReasons.Lost);
        back.Position.Generation.ShouldNotBe(receiver.Position.Generation);
        (await back.BodiesAsync()).ShouldBe(["a", "B"]);
    }

    [Fact]
    public async Task An_ack_after_a_failover_never_removes_what_its_receiver_has_not_seen()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync();
        var kept = await mailbox.KeepAsync();
        await mailbox.StoreAsync("b");
        await receiver.BodiesAsync();
        await mailbox.FallBackAsync(kept);
        await mailbox.StoreAsync("B");

        (await receiver.AckAsync()).ShouldNotBe(AckOutcome.Acked);
        (await mailbox.PeekAsync()).ShouldBe(["a", "B"]);
    }

    [Fact]
    public async Task A_position_of_a_shared_watcher_that_was_lost_is_reset_too()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var kept = await mailbox.KeepAsync();
        await mailbox.StoreAsync("b");
        var watcher = await mailbox.OpenAsync(shared: true);
        await watcher.BodiesAsync();
        await mailbox.FallBackAsync(kept);
        await mailbox.StoreAsync("B");

        var taken = await watcher.TakeAsync();

        taken.Reset.ShouldBe(ResetReasons.Lost);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "B"]);
    }

    [Fact]
    public async Task An_acknowledged_cursor_of_long_ago_is_told_what_is_gone()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c", "d");
        var receiver = await mailbox.OpenAsync();
        var start = receiver.Cursor;
        await receiver.BodiesAsync(most: 3);
        await receiver.AckAsync();

        var back = await mailbox.OpenAsync(cursor: start);

        back.Opened.Gap.ShouldBe(new Gap(1, 3, GapReasons.Acknowledged));
        (await back.BodiesAsync()).ShouldBe(["d"]);
    }
}
