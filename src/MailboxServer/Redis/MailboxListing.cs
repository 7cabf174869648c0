using System.Globalization;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Lists mailboxes by scanning the keys of one primary after another, a bounded part of them with each call. The cursor is
/// <c>primary.scan</c>: which of them, and Redis's own SCAN cursor there. As SCAN does, a name may come twice, a page may be
/// empty before the end, and one that comes or goes meanwhile may be missed.
/// </summary>
internal sealed class MailboxListing(RedisConnection connection, RedisScripts scripts, MailboxKeys keys)
{
    /// <summary>10,000 keys: some milliseconds of Redis.</summary>
    private const int KeysOfOneStep = 500;
    private const int MostSteps = 20;

    /// <exception cref="FormatException">Not a cursor of this call.</exception>
    /// <exception cref="StoreException">No answer in time, or a fault of the store.</exception>
    public async ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation)
    {
        var (index, scan) = Parse(cursor);
        var primaries = connection.Primaries.KeyOfEach(keys);
        if (index >= primaries.Count)
        {
            return new MailboxList([], null);
        }

        var reply = new RedisReply(await connection.RunAsync(
            scripts.List, [primaries[index]], [scan, keys.PatternOf(prefix), KeysOfOneStep, MostSteps], cancellation));
        var next = reply.NextText();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        while (reply.Left > 0)
        {
            if (keys.NameOf(reply.NextText()) is { } name)
            {
                names.Add(name);
            }
        }

        index = next == "0" ? index + 1 : index;
        return new MailboxList([.. names], index < primaries.Count ? string.Create(CultureInfo.InvariantCulture, $"{index}.{next}") : null);
    }

    /// <summary>Redis's own cursor is an unsigned number of 64 bits.</summary>
    private static (int Index, string Scan) Parse(string? cursor)
    {
        if (cursor is null)
        {
            return (0, "0");
        }

        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && int.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var index) &&
            ulong.TryParse(cursor.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var scan)
            ? (index, scan.ToString(CultureInfo.InvariantCulture))
            : throw new FormatException("Not a cursor of this call.");
    }
}
