using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>What a mailbox does, stated once and run on every engine.</summary>
public abstract class MailboxStoreTests(StoreFixture fixture)
{
    private protected StoreFixture Fixture => fixture;

    [Fact]
    public async Task Messages_are_taken_in_the_order_they_were_delivered()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");

        var receiver = await mailbox.OpenAsync();

        (await receiver.BodiesAsync()).ShouldBe(["a", "b", "c"]);
        receiver.Position.Sequence.ShouldBe(3);
    }

    [Fact]
    public async Task Deliver_AllParts_ComeBackByTake()
    {
        var mailbox = fixture.Mailbox();
        var before = await mailbox.NowAsync();
        var delivered = await mailbox.DeliverAsync(
            "{\"a\":1}", type: "news.item", contentType: "text/x; q=\"a\\b\"", ttl: 60, topic: "t");
        var receiver = await mailbox.OpenAsync();

        var entry = (await receiver.TakeAsync()).Entries.ShouldHaveSingleItem();

        entry.Kind.ShouldBe(EntryKind.Message);
        var message = entry.Message!;
        message.Id.ShouldBe(delivered.Id);
        TestReceiver.BodyOf(message).ShouldBe("{\"a\":1}");
        message.Type.ShouldBe("news.item");
        message.ContentType.ShouldBe("text/x; q=\"a\\b\"");
        message.Time!.Value.ShouldBeInRange(before, await mailbox.NowAsync());
        message.Expires!.Value.ShouldBe(message.Time.Value.AddSeconds(60));
        delivered.Expires.ShouldBe(message.Expires.Value);
        delivered.TimeToLive.ShouldBe(60);
    }

    [Fact]
    public async Task Deliver_WithoutOwnLife_ExpiresWithItsMailbox()
    {
        var mailbox = fixture.Mailbox();

        var delivered = await mailbox.DeliverAsync("a");

        delivered.Outcome.ShouldBe(DeliveryOutcome.Stored);
        delivered.TimeToLive.ShouldBeNull();
        delivered.Connected.ShouldBeFalse();
        delivered.Expires.ShouldBe((await mailbox.InfoAsync()).Expires);
    }

    [Fact]
    public async Task Take_Again_GivesOnlyWhatIsNew()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();
        (await receiver.BodiesAsync()).ShouldBeEmpty();
        await mailbox.StoreAsync("a");
        (await receiver.BodiesAsync()).ShouldBe(["a"]);
        (await receiver.BodiesAsync()).ShouldBeEmpty();
        await mailbox.StoreAsync("b");
        (await receiver.BodiesAsync()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_message_stays_until_it_is_acknowledged()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var first = await mailbox.OpenAsync();
        await first.BodiesAsync(most: 1);
        (await first.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await first.BodiesAsync()).ShouldBe(["b"]);

        var second = await mailbox.OpenAsync();

        (await second.BodiesAsync()).ShouldBe(["b"]);
        (await second.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await mailbox.LengthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Ack_Repeated_IsAcked()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.TakeAsync();

        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
    }

    [Fact]
    public async Task Ack_BeyondSent_IsRefused()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        var second = (await mailbox.PeekEntriesAsync()).Entries[1].Position;

        (await receiver.AckAsync(second)).ShouldBe(AckOutcome.BeyondSent);
        (await mailbox.LengthAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Ack_FromASupersededReceiver_IsRefused()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var first = await mailbox.OpenAsync();
        await first.TakeAsync();
        await mailbox.OpenAsync();

        (await first.AckAsync()).ShouldBe(AckOutcome.NotReceiver);
        (await mailbox.LengthAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Ack_WithAnotherCheckOrGeneration_IsStale()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync();
        await receiver.TakeAsync();

        (await receiver.AckAsync(receiver.Position with { Check = Identifier.Random() })).ShouldBe(AckOutcome.Stale);
        (await receiver.AckAsync(receiver.Position with { Generation = Identifier.Random() })).ShouldBe(AckOutcome.Stale);
        (await mailbox.LengthAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_that_comes_back_with_its_cursor_goes_on_after_it()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);

        var back = await mailbox.OpenAsync(cursor: receiver.Cursor);

        back.Opened.ShouldSatisfyAllConditions(
            opened => opened.IsRefused.ShouldBeFalse(),
            opened => opened.Reset.ShouldBeNull(),
            opened => opened.Gap.ShouldBeNull());
        (await back.BodiesAsync()).ShouldBe(["c"]);
        (await mailbox.LengthAsync()).ShouldBe(1); // the cursor told that a and b were received
        (await receiver.TakeAsync()).ShouldSatisfyAllConditions(
            taken => taken.Outcome.ShouldBe(TakeOutcome.Replaced),
            taken => taken.PresentReceiver.ShouldBe(receiver.Receiver)); // itself: nobody is told "replaced"
    }

    [Fact]
    public async Task The_newest_receiver_wins()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.OpenAsync();
        var second = await mailbox.OpenAsync();
        await mailbox.StoreAsync("a");

        var refused = await first.TakeAsync();

        refused.Outcome.ShouldBe(TakeOutcome.Replaced);
        refused.PresentReceiver.ShouldBe(second.Receiver);
        (await second.BodiesAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_superseded_receiver_is_refused_while_another_is_present_and_let_in_when_it_left()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.OpenAsync();
        var second = await mailbox.OpenAsync();

        (await mailbox.OpenAsync(cursor: first.Cursor)).Opened.IsRefused.ShouldBeTrue();
        await second.LeaveAsync();

        (await mailbox.OpenAsync(cursor: first.Cursor)).Opened.IsRefused.ShouldBeFalse();
        (await second.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Replaced);
    }

    [Fact]
    public async Task Take_AfterDismissal_IsReplacedByNobody()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();

        (await mailbox.Store.DismissAsync(mailbox.Name, CancellationToken.None)).ShouldBeTrue();

        var taken = await receiver.TakeAsync();
        taken.Outcome.ShouldBe(TakeOutcome.Replaced);
        taken.PresentReceiver.IsNone.ShouldBeTrue();
        (await mailbox.Store.DismissAsync(mailbox.Name, CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Leave_GivesUpTheLease_AndOnlyTheCurrentSessionMay()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.OpenAsync();
        (await mailbox.InfoAsync()).Connected.ShouldBeTrue();
        var second = await mailbox.OpenAsync();

        await first.LeaveAsync();
        (await mailbox.InfoAsync()).Connected.ShouldBeTrue();
        await second.LeaveAsync(keepsLease: true);
        (await mailbox.InfoAsync()).Connected.ShouldBeTrue();
        var third = await mailbox.OpenAsync();
        await third.LeaveAsync();
        (await mailbox.InfoAsync()).Connected.ShouldBeFalse();
    }

    [Fact]
    public async Task A_shared_watcher_changes_nothing()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        var before = await mailbox.InfoAsync();

        var watcher = await mailbox.OpenAsync(shared: true, ack: AckMode.None);
        (await watcher.BodiesAsync()).ShouldBe(["a", "b"]);
        (await watcher.BodiesAsync()).ShouldBeEmpty();

        (await mailbox.InfoAsync()).ShouldBe(before);
        (await receiver.BodiesAsync()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Open_Now_GivesOnlyWhatComes()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b");

        var receiver = await mailbox.OpenAsync(StartAt.Now);
        (await receiver.BodiesAsync()).ShouldBeEmpty();
        await mailbox.StoreAsync("c");

        (await receiver.BodiesAsync()).ShouldBe(["c"]);
    }

    [Fact]
    public async Task Topic_ReplacesTheUnsentMessage_AndKeepsTheSentOne()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("old", topic: "t");
        await mailbox.StoreAsync("other", topic: "u");
        await mailbox.StoreAsync("new", topic: "t");
        var receiver = await mailbox.OpenAsync();
        (await receiver.BodiesAsync()).ShouldBe(["other", "new"]);

        await mailbox.StoreAsync("newer", topic: "t");

        (await mailbox.PeekAsync()).ShouldBe(["other", "new", "newer"]);
        (await receiver.BodiesAsync()).ShouldBe(["newer"]);
    }

    [Fact]
    public async Task IdempotencyKey_Repeated_AnswersTheSameId()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.DeliverAsync("a", key: "k", ttl: 60);

        var again = await mailbox.DeliverAsync("a", key: "k", ttl: 60);
        var other = await mailbox.DeliverAsync("b", key: "k");

        again.ShouldBe(first with { Outcome = DeliveryOutcome.Replayed });
        other.Outcome.ShouldBe(DeliveryOutcome.Conflict);
        (await mailbox.PeekAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_and_takes_again_when_there_is_room()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2);
        await mailbox.StoreManyAsync("a", "b");

        (await mailbox.DeliverAsync("c")).Outcome.ShouldBe(DeliveryOutcome.Full);
        var receiver = await mailbox.OpenAsync();
        (await receiver.BodiesAsync(most: 1)).ShouldBe(["a"]);
        await receiver.AckAsync();

        (await mailbox.DeliverAsync("c")).Outcome.ShouldBe(DeliveryOutcome.Stored);
        (await receiver.BodiesAsync()).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task A_full_mailbox_may_drop_its_oldest_and_says_so()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 2, overflow: "dropOldest");
        await mailbox.StoreManyAsync("a", "b", "c");

        var receiver = await mailbox.OpenAsync();

        receiver.Opened.Gap.ShouldBe(new Gap(1, 1, GapReasons.Dropped));
        (await receiver.BodiesAsync()).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task Bare_deliveries_are_numbered_with_all_others()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        await mailbox.BareAsync("b");
        var third = await mailbox.StoreAsync("c");

        third.Sequence.ShouldBe(3);
        var receiver = await mailbox.OpenAsync();
        (await receiver.BodiesAsync()).ShouldBe(["a", "b", "c"]);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task Peek_ReadsPagesWithoutTaking()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreManyAsync("a", "b", "c");

        var page = await mailbox.PeekEntriesAsync(after: 1, limit: 1);

        page.HasMore.ShouldBeTrue();
        TestReceiver.BodiesOf(page.Entries).ShouldBe(["b"]);
        (await mailbox.PeekEntriesAsync(after: 2)).HasMore.ShouldBeFalse();
        (await mailbox.PeekAsync(after: 3)).ShouldBeEmpty();
        (await mailbox.InfoAsync()).Sent.ShouldBe(0);
        (await mailbox.PeekEntriesAsync(generation: Identifier.Random())).Outcome.ShouldBe(PeekOutcome.Stale);
        (await fixture.Mailbox().PeekEntriesAsync()).Outcome.ShouldBe(PeekOutcome.NoMailbox);
    }

    [Fact]
    public async Task TakeBack_RemovesOneMessage_AndItsNumberIsNotUsedAgain()
    {
        var mailbox = fixture.Mailbox();
        var first = await mailbox.StoreAsync("a");
        var second = await mailbox.StoreAsync("b");
        await mailbox.StoreAsync("c");

        (await mailbox.TakeBackAsync(second)).ShouldBeTrue();

        (await mailbox.TakeBackAsync(second)).ShouldBeFalse();
        (await mailbox.TakeBackAsync(second with { Sequence = 9 })).ShouldBeFalse();
        (await mailbox.TakeBackAsync(first with { Generation = Identifier.Random() })).ShouldBeFalse();
        var receiver = await mailbox.OpenAsync();
        (await receiver.TakeAsync()).ShouldSatisfyAllConditions(
            taken => taken.Gap.ShouldBeNull(),
            taken => TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a", "c"]));
        receiver.Position.Sequence.ShouldBe(3);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Remove_LeavesNothing_AndTheReceiverIsTold()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a", topic: "t", key: "k");
        var receiver = await mailbox.OpenAsync();
        await receiver.TakeAsync();

        (await mailbox.Store.RemoveAsync(mailbox.Name, CancellationToken.None)).ShouldBeTrue();

        (await mailbox.ExistsAsync()).ShouldBeFalse();
        (await mailbox.Store.RemoveAsync(mailbox.Name, CancellationToken.None)).ShouldBeFalse();
        (await mailbox.Store.GetInfoAsync(mailbox.Name, CancellationToken.None)).ShouldBeNull();
        (await receiver.TakeAsync()).Outcome.ShouldBe(TakeOutcome.Reopen);
        (await receiver.ReopenAsync()).Reset.ShouldBe(ResetReasons.Lost);
        await mailbox.StoreAsync("b");
        (await receiver.BodiesAsync()).ShouldBe(["b"]);
    }

    [Fact]
    public async Task Info_TellsLimitsAndPlace()
    {
        var mailbox = fixture.Mailbox(new MailboxOptions { Overflow = OverflowPolicy.DropOldest });
        await mailbox.WithLimitsAsync(maxMessages: 7, timeToLive: 90);
        await mailbox.StoreManyAsync("a", "b", "c");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 2);
        await receiver.AckAsync((await mailbox.PeekEntriesAsync(limit: 1)).Entries[0].Position);

        var info = await mailbox.InfoAsync();

        info.ShouldSatisfyAllConditions(
            () => info.Mailbox.ShouldBe(mailbox.Name),
            () => info.Generation.ShouldBe(receiver.Position.Generation.ToString()),
            () => (info.First, info.Last, info.Sent, info.Messages).ShouldBe((2, 3, 2, 2)),
            () => info.Receiver.ShouldBe(receiver.Receiver.ToString()),
            () => info.Epoch.ShouldBe(1),
            () => info.Connected.ShouldBeTrue(),
            () => info.Limits.ShouldBe(new MailboxSettings
            {
                MaxMessages = 7, MaxBytes = 4 * 1024 * 1024, Overflow = "dropOldest", TimeToLive = 90,
            }));
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Configure_AnswersWhetherItCreated()
    {
        var mailbox = fixture.Mailbox();
        var settings = new MailboxSettings { MaxMessages = 3 };

        (await mailbox.Store.ConfigureAsync(mailbox.Name, settings, CancellationToken.None)).ShouldBeTrue();
        (await mailbox.Store.ConfigureAsync(mailbox.Name, settings, CancellationToken.None)).ShouldBeFalse();

        (await mailbox.InfoAsync()).Limits.MaxMessages.ShouldBe(3);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task A_receiver_that_does_not_acknowledge_can_resume_within_the_window()
    {
        var mailbox = fixture.Mailbox(new MailboxOptions { ResumeLength = 2 });
        await mailbox.StoreManyAsync("1", "2", "3", "4", "5");
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await receiver.BodiesAsync(most: 1);
        var old = receiver.Cursor;
        await receiver.BodiesAsync();

        await receiver.BodiesAsync(); // tells that all five were flushed

        (await mailbox.PeekAsync()).ShouldBe(["4", "5"]);
        var back = await mailbox.OpenAsync(ack: AckMode.None, cursor: old);
        back.Opened.Gap.ShouldBe(new Gap(2, 3, GapReasons.Window));
        (await back.BodiesAsync()).ShouldBe(["4", "5"]);
    }

    [Fact]
    public async Task List_NamesMailboxesByPrefix()
    {
        var prefix = Names.Fresh("l");
        var names = new[] { prefix + "a", prefix + "b" };
        foreach (var name in names)
        {
            await new TestMailbox(fixture.StoreWith(new MailboxOptions()), fixture.Cli, name).StoreAsync("x");
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await fixture.StoreWith(new MailboxOptions()).ListAsync(prefix, cursor, CancellationToken.None);
            found.UnionWith(page.Mailboxes);
            cursor = page.Cursor;
        }
        while (cursor is not null);

        found.ShouldBe(names);
    }

    [Fact]
    public async Task Message_WithItsOwnLife_IsGoneAfterIt()
    {
        var mailbox = fixture.Mailbox();
        var short_ = await mailbox.DeliverAsync("short", ttl: 1);
        await mailbox.StoreAsync("long");

        await mailbox.WaitUntilAsync(short_.Expires.ToUnixTimeMilliseconds());

        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();
        taken.Gap.ShouldBeNull();
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["long"]);
        await mailbox.ShouldCountRightAsync();
    }
}

[Collection(StoreOnRedis.Name)]
public sealed class RedisMailboxStoreTests(RedisFixture fixture) : MailboxStoreTests(fixture)
{
    /// <summary>A call that scanned on until it found something could take longer than a call may.</summary>
    [Fact]
    public async Task List_NothingInManyKeys_EndsByPagesThatMayBeEmpty()
    {
        var other = Names.Fresh("other");
        await Fixture.Cli.ExecuteManyAsync([.. Enumerable.Range(0, 25_000).Select(i => new object[] { "SET", $"{other}:{i}", i, "EX", 60 })]);
        var pages = new List<MailboxList>();
        do
        {
            pages.Add(await Fixture.StoreWith(new MailboxOptions()).ListAsync(Names.Fresh("none"), pages.LastOrDefault()?.Cursor, CancellationToken.None));
        }
        while (pages[^1].Cursor is not null);

        pages.Count.ShouldBeInRange(2, 10);
        pages.ShouldAllBe(page => page.Mailboxes.Count == 0);
    }
}

[Collection(StoreOnGarnet.Name)]
public sealed class GarnetMailboxStoreTests(GarnetFixture fixture) : MailboxStoreTests(fixture);
