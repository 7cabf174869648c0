using System.Globalization;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>Reads a script's reply, value by value, in the order that the script's head lists.</summary>
internal struct RedisReply(RedisResult result)
{
    /// <summary>The end of the year 9999, in milliseconds since 1970.</summary>
    private const long MaxTime = 253_402_300_799_999;

    private readonly RedisResult[] _values = (RedisResult[]?)result ?? [];
    private int _next;

    public readonly bool IsEmpty => _values.Length == 0;

    /// <summary>The error that one delivery of several raised; null when it raised none.</summary>
    public readonly string? Failure => _values is [var outcome, var error] && (string?)outcome == "failed" ? (string?)error : null;

    public readonly int Left => _values.Length - _next;

    public string NextText() => (string?)_values[_next++] ?? "";

    public byte[] NextBytes() => (byte[]?)_values[_next++] ?? [];

    public long NextNumber() => (long)_values[_next++];

    public bool NextFlag() => NextNumber() != 0;

    public Identifier NextIdentifier() =>
        Identifier.TryParse(NextText(), out var identifier)
            ? identifier
            : throw new StoreException(StoreFault.Conflict, "What should be an identifier in Redis is not 16 hex digits.");

    public DateTimeOffset NextTime() =>
        NextNumber() is >= 0 and <= MaxTime and var time
            ? DateTimeOffset.FromUnixTimeMilliseconds(time)
            : throw new StoreException(StoreFault.Conflict, "What should be a time in Redis is none.");

    public long NextSequence() =>
        NextNumber() is >= 0 and <= MessageId.MaxSequence and var sequence
            ? sequence
            : throw new StoreException(StoreFault.Conflict, "What should be a sequence in Redis is none.");

    /// <summary>The reason of a reset; null when there was none.</summary>
    public string? NextReset() => NextText() is { Length: > 0 } reason ? reason : null;

    /// <summary>Three values: from, to, reason; none when the reason is empty.</summary>
    public Gap? NextGap()
    {
        var (from, to, reason) = (NextNumber(), NextNumber(), NextText());
        return reason.Length == 0 ? null : new Gap(from, to, reason);
    }

    /// <summary>What left the mailbox in this call: pairs of reason and count, counted here.</summary>
    public void NextLeft() => CountLeft(NextText());

    public static void CountLeft(string pairs)
    {
        if (pairs.Length == 0)
        {
            return;
        }

        var words = pairs.Split(' ');
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            NodeMetrics.Remove(words[i], long.Parse(words[i + 1], CultureInfo.InvariantCulture));
        }
    }

    public override readonly string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_values.Length} values");
}
