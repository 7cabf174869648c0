using System.Globalization;
using Mailbox.Contracts;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Lists mailboxes by scanning the keys of one primary after another. The cursor is <c>primary.scan</c>: which of them,
/// and Redis's own SCAN cursor there. As SCAN does, a name may come twice, and one that comes or goes meanwhile may be missed.
/// </summary>
internal sealed class MailboxListing(RedisConnection connection, MailboxKeys keys)
{
    private const int KeysOfOneScan = 500;

    public async ValueTask<MailboxList> ListAsync(string prefix, string? cursor, CancellationToken cancellation)
    {
        var (index, scan) = Parse(cursor);
        var primaries = connection.Primaries.All.OrderBy(server => server.EndPoint.ToString(), StringComparer.Ordinal).ToArray();
        if (index >= primaries.Length)
        {
            return new MailboxList([], null);
        }

        // The client scans synchronously, page by page, behind an enumerator that knows where it is.
        var (names, next) = await connection.CallAsync(
            database => Task.Run(() => Scan(primaries[index], database.Database, prefix, scan)), cancellation);
        index = next == 0 ? index + 1 : index;
        var rest = index < primaries.Length ? string.Create(CultureInfo.InvariantCulture, $"{index}.{next}") : null;
        return new MailboxList([.. names], rest);
    }

    private (SortedSet<string> Names, long Next) Scan(IServer server, int database, string prefix, long scan)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var found = server.Keys(database, keys.PatternOf(prefix), KeysOfOneScan, scan).GetEnumerator();
        var cursor = (IScanningCursor)found;
        var page = cursor.Cursor;
        while (found.MoveNext())
        {
            if (cursor.Cursor != page && names.Count > 0 && cursor.Cursor != scan)
            {
                // The first key of another page: it comes again with the next call.
                return (names, cursor.Cursor);
            }

            page = cursor.Cursor;
            if (keys.NameOf(found.Current.ToString()) is { } name)
            {
                names.Add(name);
            }
        }

        return (names, 0);
    }

    private static (int Index, long Scan) Parse(string? cursor)
    {
        if (cursor is null)
        {
            return (0, 0);
        }

        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && int.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var index) &&
            long.TryParse(cursor.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var scan)
            ? (index, scan)
            : throw new FormatException("Not a cursor of this call.");
    }
}
