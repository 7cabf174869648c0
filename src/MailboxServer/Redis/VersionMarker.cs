using System.Globalization;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// The hash <c>mailbox:version</c>: <c>written</c>, the newest contract that anybody writes by, and <c>minReader</c>, the
/// oldest that can read it. Nodes of both sides of an upgrade run side by side as long as each can read what is there.
/// </summary>
internal sealed class VersionMarker(RedisConnection connection, MailboxKeys keys)
{
    /// <summary>The contract that this server writes and reads.</summary>
    public const int Contract = 1;

    private const int OldestReader = 1;

    /// <exception cref="UnreadableDataException">What is there needs a newer server.</exception>
    /// <exception cref="StoreException">Redis does not answer.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        var values = await connection.CallAsync(
            keys.Version, database => database.HashGetAsync(keys.Version, ["written", "minReader"]), cancellation);
        var written = NumberOf(values[0]);
        var minReader = NumberOf(values[1]);
        if (minReader > Contract)
        {
            throw new UnreadableDataException(string.Create(CultureInfo.InvariantCulture,
                $"The data in Redis was written by contract {written} and needs a reader of {minReader} or newer; this server reads {Contract}. Start a newer server, or use another Mailbox:Redis:KeyPrefix."));
        }

        if (written < Contract)
        {
            await connection.CallAsync(
                keys.Version,
                async database =>
                {
                    await database.HashSetAsync(keys.Version, [new HashEntry("written", Contract), new HashEntry("minReader", OldestReader)]);
                    return true;
                },
                cancellation);
        }
    }

    private static long NumberOf(RedisValue value) =>
        value.IsNull ? 0
        : long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new UnreadableDataException("The version marker in Redis is not a number: is this prefix used by something else?");
}
