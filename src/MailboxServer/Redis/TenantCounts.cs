using System.Collections.Concurrent;
using System.Globalization;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// What each tenant has, on all nodes: a set of its mailboxes, and a sum of what waits in them. Both only grow by what is
/// reserved; a count brings them back to what is there. Nobody is refused by an old count. Thread-safe.
/// </summary>
internal sealed class TenantCounts(
    RedisConnection connection, RedisScripts scripts, MailboxKeys keys, RedisMailboxStore store, MailboxOptions options)
{
    private const int NamesAtOnce = 200;

    /// <summary>With one count: the rest goes with the next.</summary>
    private const int MostGone = 4_000;

    /// <summary>A count before a refusal is at most this old, and a millisecond more for each mailbox: it asks each of them.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <summary>What nobody uses or counts any more is forgotten.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Task> _counting = new(StringComparer.Ordinal);

    /// <summary>A tenant is the name up to its first dot, or all of it.</summary>
    public static string TenantOf(string mailbox)
    {
        var dot = mailbox.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? mailbox : mailbox[..dot];
    }

    /// <returns>True when the mailbox was not known before.</returns>
    /// <exception cref="StoreException">The tenant is full, or the store does not answer.</exception>
    public async ValueTask<bool> ReserveAsync(string mailbox, long bytes, CancellationToken cancellation)
    {
        var tenant = TenantOf(mailbox);
        for (var isCounted = false; ; isCounted = true)
        {
            var reply = new RedisReply(await connection.RunAsync(
                scripts.Reserve,
                keys.OfTenant(tenant),
                [
                    mailbox, options.Limits.BytesPerTenant > 0 ? bytes : 0, options.Limits.MailboxesPerTenant,
                    options.Limits.BytesPerTenant, (long)Life.TotalMilliseconds,
                ],
                cancellation));
            if (reply.NextText() is var outcome && outcome != "full")
            {
                return outcome == "new";
            }

            var (age, mailboxes) = (reply.NextNumber(), reply.NextNumber());
            if (isCounted || age <= Fresh.TotalMilliseconds + mailboxes)
            {
                throw new StoreException(StoreFault.TenantFull, "The tenant is full.");
            }

            await CountOnceAsync(tenant, cancellation);
        }
    }

    /// <summary>What was reserved did not come to be. Where that is lost, the next count finds it.</summary>
    public async ValueTask ReturnAsync(string mailbox, long bytes, bool isGone)
    {
        try
        {
            await connection.RunAsync(
                scripts.Unreserve, keys.OfTenant(TenantOf(mailbox)),
                [options.Limits.BytesPerTenant > 0 ? bytes : 0, isGone ? mailbox : ""], CancellationToken.None);
        }
        catch (StoreException)
        {
        }
    }

    /// <summary>Notes mailboxes that came to be past the nodes, and counts the tenant if that was not done since.</summary>
    /// <param name="tenant">Whose mailboxes.</param>
    /// <param name="mailboxes">All of this tenant.</param>
    /// <param name="since">By Redis's clock, in milliseconds.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task NoteAsync(string tenant, IEnumerable<string> mailboxes, long since, CancellationToken cancellation)
    {
        var of = keys.OfTenant(tenant);
        RedisValue[] names = [.. mailboxes.Select(name => (RedisValue)name)];
        var added = await connection.CallAsync(of[1], database => database.SetAddAsync(of[1], names), cancellation);
        var counted = await connection.CallAsync(of[0], database => database.HashGetAsync(of[0], "counted"), cancellation);
        if (added > 0 || !counted.TryParse(out long at) || at < since)
        {
            await CountOnceAsync(tenant, cancellation);
        }
    }

    /// <summary>By Redis's clock, in milliseconds.</summary>
    public async Task<long> NowAsync(CancellationToken cancellation)
    {
        var time = (RedisValue[])(await connection.CallAsync(database => database.ExecuteAsync("TIME"), cancellation))!;
        return ((long)time[0] * 1_000) + ((long)time[1] / 1_000);
    }

    /// <summary>Who comes while this node counts the tenant waits for that count.</summary>
    private async Task CountOnceAsync(string tenant, CancellationToken cancellation)
    {
        var ours = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_counting.GetOrAdd(tenant, ours.Task) is var count && count != ours.Task)
        {
            await count.WaitAsync(cancellation);
            return;
        }

        try
        {
            await CountAsync(tenant);
        }
        finally
        {
            _counting.TryRemove(tenant, out _);
            ours.SetResult(); // also when it failed: who waits asks again, and is refused
        }
    }

    private async Task CountAsync(string tenant)
    {
        var of = keys.OfTenant(tenant);
        var mark = Identifier.Random().ToString();
        await connection.CallAsync(
            of[0],
            async database =>
            {
                await database.HashSetAsync(of[0], [new HashEntry("counting", mark), new HashEntry("since", 0)]);
                return await database.KeyExpireAsync(of[0], Life);
            },
            CancellationToken.None);
        var (bytes, gone) = (0L, new List<RedisValue>());
        await foreach (var names in NamesAsync(of[1]))
        {
            var found = await Task.WhenAll(names.Select(BytesOfAsync));
            bytes += found.Sum(some => some ?? 0);
            gone.AddRange(names.Where((_, i) => found[i] is null).Select(name => (RedisValue)name).Take(MostGone - gone.Count));
        }

        await connection.RunAsync(scripts.Recount, of, [mark, bytes, (long)Life.TotalMilliseconds, .. gone], CancellationToken.None);
    }

    private async IAsyncEnumerable<List<string>> NamesAsync(RedisKey set)
    {
        var cursor = "0";
        do
        {
            var from = cursor;
            var page = (RedisResult[])(await connection.CallAsync(
                set, database => database.ExecuteAsync("SSCAN", set, from, "COUNT", NamesAtOnce.ToString(CultureInfo.InvariantCulture)),
                CancellationToken.None))!;
            cursor = (string)page[0]!;
            foreach (var some in ((string[])page[1]!).Chunk(NamesAtOnce))
            {
                yield return [.. some];
            }
        }
        while (cursor != "0");
    }

    /// <summary>Null when there is no such mailbox. What came by hand is only in the sum once a script has seen it.</summary>
    private async Task<long?> BytesOfAsync(string mailbox)
    {
        var of = keys.Of(mailbox);
        var noted = await connection.CallAsync(
            of[0],
            database => database.HashGetAsync(of[0], ["generation", "bytes", "first", "last"], CommandFlags.DemandMaster),
            CancellationToken.None);
        var length = await connection.CallAsync(
            of[1], database => database.ListLengthAsync(of[1], CommandFlags.DemandMaster), CancellationToken.None);
        if (noted[0].IsNull && length == 0)
        {
            return null;
        }

        var isSeen = !noted[0].IsNull && noted[2].TryParse(out long first) && noted[3].TryParse(out long last) && length == last - first + 1;
        if (isSeen)
        {
            return noted[1].TryParse(out long bytes) ? Math.Max(0, bytes) : 0;
        }

        try
        {
            return (await store.GetInfoAsync(mailbox, CancellationToken.None))?.Bytes;
        }
        catch (StoreException exception) when (exception.Fault == StoreFault.Conflict)
        {
            return 0; // it is there, and nobody can say how much of it
        }
    }
}
