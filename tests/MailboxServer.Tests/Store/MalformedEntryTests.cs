using System.Text;
using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace MailboxServer.Tests.Store;

/// <summary>Anyone may write to the list. What is no message is announced, and what comes after it arrives.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class MalformedEntryTests(RedisFixture fixture)
{
    private static readonly byte[] FarOverTheLimit = Encoding.ASCII.GetBytes(new string('x', 1_000_000));

    public static TheoryData<string> Poisons { get; } = [.. PoisonedEntries().Keys];

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task A_poisoned_entry_is_announced_and_blocks_nothing(string which)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        await mailbox.BareAsync(PoisonedEntries()[which]);
        await mailbox.StoreAsync("b");
        var receiver = await mailbox.OpenAsync();

        var taken = await receiver.TakeAsync();

        taken.Entries.Select(entry => entry.Kind)
            .ShouldBe([EntryKind.Message, EntryKind.Malformed, EntryKind.Message]);
        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await mailbox.LengthAsync()).ShouldBe(0);
        await mailbox.ShouldCountRightAsync();
    }

    [Theory]
    [MemberData(nameof(Poisons))]
    public async Task A_poisoned_entry_at_the_head_is_announced_too(string which)
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();
        await mailbox.BareAsync(PoisonedEntries()[which]);
        await mailbox.StoreAsync("b");

        var taken = await receiver.TakeAsync();

        taken.Entries.Select(entry => entry.Kind).ShouldBe([EntryKind.Malformed, EntryKind.Message]);
    }

    [Fact]
    public async Task A_window_full_of_poison_goes_on_when_the_gaps_are_acknowledged()
    {
        var mailbox = fixture.Mailbox();
        foreach (var (_, poison) in PoisonedEntries())
        {
            await mailbox.BareAsync(poison);
        }

        await mailbox.StoreAsync("a");
        var receiver = await mailbox.OpenAsync(window: 2);

        var all = await receiver.DrainAsync(acknowledges: true);

        all.SelectMany(taken => TestReceiver.BodiesOf(taken.Entries)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task An_entry_far_over_the_limit_does_not_drop_what_is_good()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 100_000);
        await mailbox.StoreAsync("a");
        await mailbox.BareAsync(FarOverTheLimit);
        await mailbox.StoreAsync("b");

        var receiver = await mailbox.OpenAsync();
        (await receiver.TakeAsync()).Entries.Select(entry => entry.Kind)
            .ShouldBe([EntryKind.Message, EntryKind.Malformed, EntryKind.Message]);

        (await mailbox.EntriesAsync()).Sum(entry => entry.Length).ShouldBeLessThan(1000); // it is not kept once seen
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task An_entry_far_over_the_limit_that_a_watcher_saw_first_is_still_announced_to_the_receiver()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();
        await mailbox.BareAsync(FarOverTheLimit);
        var watcher = await mailbox.OpenAsync(shared: true);
        (await watcher.TakeAsync()).Entries.ShouldHaveSingleItem().Kind.ShouldBe(EntryKind.Malformed);
        await mailbox.StoreAsync("a");

        var taken = await receiver.TakeAsync();

        ShouldBeAnnounced(taken, 1);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a"]);
    }

    [Fact]
    public async Task An_entry_far_over_the_limit_is_announced_again_to_a_receiver_that_did_not_get_it()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");
        await mailbox.BareAsync(FarOverTheLimit);
        await mailbox.StoreAsync("b");
        var receiver = await mailbox.OpenAsync();
        var first = (await receiver.TakeAsync()).Entries[0].Position;
        (await receiver.AckAsync(first)).ShouldBe(AckOutcome.Acked);
        await mailbox.InfoAsync(); // any script tidies the head

        var back = await mailbox.OpenAsync(cursor: receiver.CursorAt(first));
        var taken = await back.TakeAsync();

        ShouldBeAnnounced(back.Opened.Gap is null ? taken : taken with { Gap = back.Opened.Gap }, 2);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["b"]);
    }

    [Fact]
    public async Task An_entry_far_over_the_limit_is_told_to_a_receiver_that_comes_later()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.BareAsync(FarOverTheLimit);
        await (await mailbox.OpenAsync(shared: true)).TakeAsync();
        await mailbox.StoreAsync("a");

        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();

        ShouldBeAnnounced(receiver.Opened.Gap is null ? taken : taken with { Gap = receiver.Opened.Gap }, 1);
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Peek_AnEntryFarOverTheLimit_SaysMalformed()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.BareManyAsync("a", FarOverTheLimit, "b");

        var peeked = await mailbox.PeekEntriesAsync();

        peeked.Entries.Select(entry => entry.Kind).ShouldBe([EntryKind.Message, EntryKind.Malformed, EntryKind.Message]);
    }

    /// <summary>Either at its place among the entries, or by a gap in front of them.</summary>
    private static void ShouldBeAnnounced(Taken taken, long sequence)
    {
        var isAtItsPlace = taken.Entries.Any(
            entry => entry.Kind == EntryKind.Malformed && entry.Position.Sequence == sequence);
        if (!isAtItsPlace)
        {
            taken.Gap.ShouldBe(new Gap(sequence, sequence, GapReasons.Malformed));
        }
    }

    private static Dictionary<string, byte[]> PoisonedEntries() => new()
    {
        ["the mark alone"] = [1],
        ["no header"] = Entries.Envelope("", "body"),
        ["no line feed"] = Encoding.ASCII.GetBytes("\u0001{\"nonce\":\"0123456789abcdef\"}"),
        ["not JSON"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",", "body"),
        ["more after the header"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\"}{}", "body"),
        ["no nonce"] = Entries.Envelope("{\"type\":\"x\"}", "body"),
        ["a zero in the header"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"type\":\"a\0b\"}", "body"),
        ["a reserved type"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"type\":\"mailbox.reset\"}", "body"),
        ["a line break in the type"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"type\":\"a\\nid: x\"}", "body"),
        ["a content type that is none"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"contentType\":\"a\\u0000\"}", "b"),
        ["a type that is a number"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"type\":1}", "body"),
        ["a time out of range"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"time\":1e99}", "body"),
        ["an expiry out of range"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"time\":1,\"expires\":99999999999999999999}", "b"),
        ["not UTF-8"] = [1, .. "{\"nonce\":\"0123456789abcdef\",\"type\":\""u8, 0xff, .. "\"}\nx"u8],
        ["far over the limit"] = FarOverTheLimit,
        ["an envelope far over the limit"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\"}", new string('x', 1_000_000)),
    };
}
