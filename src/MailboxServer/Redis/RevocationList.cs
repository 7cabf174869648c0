using System.Globalization;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// The revocations of all nodes: one sorted set, by when each may be forgotten. A node reads it with every beat, and ends
/// its sessions whose right is gone.
/// </summary>
internal sealed class RevocationList(
    RedisConnection connection, RedisScripts scripts, MailboxKeys keys, Revocations revocations, SessionRegistry sessions)
{
    /// <summary>So many are read every few seconds by every node.</summary>
    public const int Most = 10_000;

    private const char OfToken = 't';
    private const char OfCaller = 'c';

    /// <summary>Writes it, and holds this node to it at once; the others follow with their next beat.</summary>
    /// <returns>False when there are as many as may be.</returns>
    /// <exception cref="StoreException">No answer in time.</exception>
    public async Task<bool> AddAsync(Revocation revocation, DateTimeOffset until, CancellationToken cancellation)
    {
        var isAdded = (long)await connection.RunAsync(
            scripts.Revoke,
            [keys.Revocations],
            [DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds(), Write(revocation), Most],
            cancellation) == 1;
        await ReadAsync(cancellation);
        return isAdded;
    }

    /// <exception cref="StoreException">No answer in time; what was read last still stands.</exception>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var members = await connection.CallAsync(
            keys.Revocations, database => database.SortedSetRangeByScoreAsync(keys.Revocations, now, take: Most, flags: CommandFlags.DemandMaster), cancellation);
        revocations.Become([.. members.Select(member => Read(member.ToString())).OfType<Revocation>()]);
        sessions.Expire(revocations.Holds);
    }

    private static string Write(Revocation revocation) => revocation.Token is { } token
        ? OfToken + token
        : string.Create(CultureInfo.InvariantCulture, $"{OfCaller}{revocation.At.ToUnixTimeMilliseconds()}:{revocation.Caller}");

    private static Revocation? Read(string member)
    {
        if (member is [OfToken, .. var token])
        {
            return new Revocation(token, null, default);
        }

        var colon = member.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && member[0] == OfCaller &&
            long.TryParse(member.AsSpan(1, colon - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var at) &&
            at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new Revocation(null, member[(colon + 1)..], DateTimeOffset.FromUnixTimeMilliseconds(at))
            : null;
    }
}
