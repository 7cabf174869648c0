using System.Text;
using Mailbox;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>
/// The check is computed in Lua and in C#. Where they differ, a receiver would be reset at every take, for ever.
/// </summary>
[Collection(StoreOnRedis.Name)]
public sealed class CheckTests(RedisFixture fixture)
{
    public static TheoryData<string> Odd { get; } = [.. OddEntries().Keys];

    /// <summary>A tombstone at the head is never taken.</summary>
    public static TheoryData<string> OddButPresent { get; } = [.. OddEntries().Keys.Where(which => which != "a tombstone")];

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Both_sides_compute_the_same_check(string which)
    {
        var mailbox = fixture.Mailbox();
        var entry = OddEntries()[which];

        await mailbox.BareAsync(entry);
        await mailbox.InfoAsync();

        (await mailbox.FieldAsync("lastCheck")).ShouldBe(EntryDecoder.CheckOf(entry).ToString());
    }

    [Theory]
    [MemberData(nameof(OddButPresent))]
    public async Task A_place_on_an_odd_entry_holds(string which)
    {
        var mailbox = fixture.Mailbox();
        await mailbox.BareAsync(OddEntries()[which]);
        await mailbox.BareAsync("next");
        var receiver = await mailbox.OpenAsync();
        (await receiver.TakeAsync(1)).Entries.ShouldHaveSingleItem();

        var next = await receiver.TakeAsync();

        next.Reset.ShouldBeNull();
        TestReceiver.BodiesOf(next.Entries).ShouldBe(["next"]);
        (await receiver.AckAsync()).ShouldBe(AckOutcome.Acked);
        (await receiver.TakeAsync()).Reset.ShouldBeNull(); // also where it is no longer in the list
    }

    [Fact]
    public async Task A_tombstone_keeps_the_check_of_what_it_replaces()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("before");
        foreach (var (_, entry) in OddEntries().Where(odd => odd.Value.Length < 70_000))
        {
            await mailbox.BareAsync(entry);
        }

        var before = (await mailbox.PeekEntriesAsync(limit: 100)).Entries;
        foreach (var entry in before.Skip(1))
        {
            await mailbox.TakeBackAsync(new MessageId(entry.Position.Generation, entry.Position.Sequence));
        }

        var after = (await mailbox.EntriesAsync()).Select(entry => EntryDecoder.CheckOf(entry));
        after.ShouldBe(before.Select(entry => entry.Position.Check).Take(after.Count()));
    }

    private static Dictionary<string, byte[]> OddEntries()
    {
        var entries = new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["one byte"] = [65],
            ["the mark alone"] = [1],
            ["the mark twice"] = [1, 1],
            ["a zero"] = [0],
            ["zeros"] = new byte[200],
            ["not UTF-8"] = [0xff, 0xfe, 0xc0, 0xaf, 0x80],
            ["far over the limit"] = Filled(1_000_000),
            ["bare JSON"] = "{\"nonce\":\"0123456789abcdef\"}"u8.ToArray(),
            ["an envelope"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\"}", "body"),
            ["a nonce of zeros"] = Entries.Envelope("{\"nonce\":\"0000000000000000\"}", "body"),
            ["a nonce in capitals"] = Entries.Envelope("{\"nonce\":\"0123456789ABCDEF\"}", "body"),
            ["a short nonce"] = Entries.Envelope("{\"nonce\":\"0123456789abcde\"}", "body"),
            ["a long nonce"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef0\"}", "body"),
            ["an empty nonce"] = Entries.Envelope("{\"nonce\":\"\"}", "body"),
            ["a nonce of letters"] = Entries.Envelope("{\"nonce\":\"ghijklmnopqrstuv\"}", "body"),
            ["a nonce cut off"] = Encoding.ASCII.GetBytes("\u0001{\"nonce\":\"0123456789abcdef"),
            ["a nonce that just ends"] = Encoding.ASCII.GetBytes("\u0001{\"nonce\":\"0123456789abcdef\""),
            ["a nonce with a sign"] = Entries.Envelope("{\"nonce\":\"+123456789abcdef\"}", "body"),
            ["no nonce first"] = Entries.Envelope("{\"type\":\"x\",\"nonce\":\"0123456789abcdef\"}", "body"),
            ["no header"] = Entries.Envelope("", "body"),
            ["no line feed"] = Encoding.ASCII.GetBytes("\u0001{\"nonce\":\"0123456789abcdef\"}"),
            ["a header with a zero"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"type\":\"a\0b\"}", "body"),
            ["a tombstone"] = Entries.Envelope("{\"nonce\":\"0123456789abcdef\",\"removed\":\"x\"}", ""),
        };
        foreach (var length in new[] { 2, 63, 64, 65, 127, 128, 129, 65_535, 65_536, 69_632, 69_633 })
        {
            entries[$"{length} bytes"] = Filled(length);
        }

        return entries;
    }

    private static byte[] Filled(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(32 + (i * 7 % 90)))];
}
