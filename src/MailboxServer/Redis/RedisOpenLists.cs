using System.Text;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Lists of mailboxes to be opened: a text each, that goes when it was opened or after its time. The first line is the receiver; then for each
/// mailbox its name, and behind a space <c>now</c> or a cursor where it does not begin with the oldest kept.
/// </summary>
internal sealed class RedisOpenLists(RedisConnection connection, MailboxKeys keys) : IOpenLists
{
    public async ValueTask KeepAsync(string id, OpenList list, TimeSpan life, CancellationToken cancellation)
    {
        var key = keys.OpenListOf(id);
        var text = TextOf(list);
        await connection.CallAsync(key, database => database.StringSetAsync(key, text, life, When.Always, CommandFlags.DemandMaster), cancellation);
    }

    public async ValueTask<OpenList?> FindAsync(string id, CancellationToken cancellation)
    {
        var key = keys.OpenListOf(id);
        return await connection.CallAsync(key, database => database.StringGetAsync(key, CommandFlags.DemandMaster), cancellation) is { IsNull: false } text
            ? Parse((string)text!)
            : null;
    }

    public async Task ForgetAsync(string id)
    {
        var key = keys.OpenListOf(id);
        try
        {
            await connection.CallAsync(key, database => database.KeyDeleteAsync(key, CommandFlags.DemandMaster), CancellationToken.None);
        }
        catch (StoreException)
        {
            // It ends by itself, soon.
        }
    }

    private static string TextOf(OpenList list)
    {
        var text = new StringBuilder(list.Receiver.ToString());
        foreach (var mailbox in list.Mailboxes)
        {
            text.Append('\n').Append(mailbox.Name).Append(mailbox.Start switch
            {
                StartAt.Now => " " + Beginning.Now,
                StartAt.Cursor => " " + mailbox.Cursor,
                _ => "",
            });
        }

        return text.ToString();
    }

    /// <summary>Null when nothing that we wrote.</summary>
    private static OpenList? Parse(string text)
    {
        var lines = text.Split('\n');
        if (!Identifier.TryParse(lines[0], out var receiver) || receiver.IsNone)
        {
            return null;
        }

        var mailboxes = new List<ListedMailbox>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
        {
            var end = line.IndexOf(' ', StringComparison.Ordinal);
            var (name, place) = end < 0 ? (line, null) : (line[..end], line[(end + 1)..]);
            if (!MailboxName.IsValid(name) || !Beginning.TryParse(place, out var start, out var cursor))
            {
                return null;
            }

            mailboxes.Add(new ListedMailbox(name, start, cursor));
        }

        return new OpenList(mailboxes, receiver);
    }
}
