using System.Globalization;
using System.Text;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>What Redis holds of a mailbox, read without the server's code.</summary>
internal sealed record Observation
{
    public bool HasHash { get; private init; }

    public string Generation { get; private init; } = "";

    public long First { get; private init; }

    public long Last { get; private init; }

    public long Sent { get; private init; }

    public long Bytes { get; private init; }

    public long Tombstones { get; private init; }

    public long Epoch { get; private init; }

    public long Deadline { get; private init; }

    /// <summary>Of hash, list and index, by PEXPIRETIME; -2 for a key that is not there.</summary>
    public long[] Ends { get; private init; } = [];

    /// <summary>Redis's clock, in ms.</summary>
    public long Now { get; private init; }

    public byte[][] Entries { get; private init; } = [];

    /// <summary>Live messages: sequence, payload. The numbers mean nothing while there is no hash.</summary>
    public IReadOnlyList<(long Sequence, string Payload)> Live { get; private init; } = [];

    /// <summary>A generation that this one continues, with its numbering.</summary>
    public bool IsCarriedFrom(string generation) => Former.StartsWith($"{Generation} {generation}:", StringComparison.Ordinal);

    private string Former { get; init; } = "";

    public IReadOnlySet<string> Payloads { get; private init; } = new HashSet<string>();

    /// <summary>Where something stood that is no message: it is still to be announced.</summary>
    public IEnumerable<long> MalformedTombstones =>
        Entries.Index().Where(one => Payload.IsMalformedTombstone(one.Item)).Select(one => First + one.Index);

    public int TombstonesInList => Entries.Length - Live.Count;

    public string? PayloadAt(long sequence) =>
        sequence >= First && sequence - First < Entries.Length ? Payload.Of(Entries[sequence - First]) : null;

    public bool HasEntryAt(long sequence) => sequence >= First && sequence - First < Entries.Length;

    public static async Task<Observation> OfAsync(TestMailbox mailbox)
    {
        var replies = await mailbox.Cli.ExecuteManyAsync(
        [
            ["HMGET", mailbox.Hash, "generation", "first", "last", "sent", "bytes", "tombstones", "epoch", "deadline", "former"],
            ["LRANGE", mailbox.List, 0, -1],
            ["PEXPIRETIME", mailbox.Hash], ["PEXPIRETIME", mailbox.List], ["PEXPIRETIME", mailbox.Index],
            ["TIME"],
        ]);
        var fields = ((object?[])replies[0]!).Select(value => RedisCli.TextOf(value) ?? "").ToArray();
        var entries = ((object?[])replies[1]!).Select(entry => (byte[])entry!).ToArray();
        var first = NumberOf(fields[1]);
        var live = entries
            .Select((entry, i) => (Sequence: first + i, Payload: Payload.Of(entry)))
            .Where(one => one.Payload is not null)
            .Select(one => (one.Sequence, one.Payload!))
            .ToArray();
        var time = (object?[])replies[5]!;
        return new Observation
        {
            HasHash = fields[0].Length > 0,
            Generation = fields[0],
            First = first,
            Last = NumberOf(fields[2]),
            Sent = NumberOf(fields[3]),
            Bytes = NumberOf(fields[4]),
            Tombstones = NumberOf(fields[5]),
            Epoch = NumberOf(fields[6]),
            Deadline = NumberOf(fields[7]),
            Former = fields[8],
            Ends = [(long)replies[2]!, (long)replies[3]!, (long)replies[4]!],
            Now = (NumberOf(RedisCli.TextOf(time[0])!) * 1000) + (NumberOf(RedisCli.TextOf(time[1])!) / 1000),
            Entries = entries,
            Live = live,
            Payloads = live.Select(one => one.Item2).ToHashSet(),
        };
    }

    public override string ToString() =>
        $"{Generation} {First}..{Last} sent {Sent} [{string.Join(" ", Entries.Select(entry => Payload.Of(entry) ?? "-"))}]";

    private static long NumberOf(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>Every body of a run is another one, and says which: <c>&lt;17&gt;</c>, wherever it stands in the entry.</summary>
internal static class Payload
{
    public static string Named(int number) => string.Create(CultureInfo.InvariantCulture, $"<{number}>");

    public static bool IsMalformedTombstone(byte[] entry) =>
        Store.Entries.IsTombstone(entry) && Encoding.Latin1.GetString(entry).Contains("malformed", StringComparison.Ordinal);

    /// <summary>Null for a tombstone.</summary>
    public static string? Of(byte[] entry)
    {
        if (Store.Entries.IsTombstone(entry))
        {
            return null;
        }

        var text = Encoding.Latin1.GetString(entry);
        var from = text.LastIndexOf('<');
        return text[from..(text.IndexOf('>', from) + 1)];
    }
}
