using System.Globalization;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>Tickets: a hash each, in its mailbox's slot, that goes with the ticket.</summary>
internal sealed class RedisTickets(RedisConnection connection, RedisScripts scripts, MailboxKeys keys) : ITickets
{
    private const string Shared = "shared";
    private const string Caller = "caller";
    private const string Token = "token";
    private const string Issued = "issued";
    private const string Until = "until";
    private const string Receiver = "receiver";

    public async ValueTask IssueAsync(Ticket ticket, TimeSpan wait, CancellationToken cancellation)
    {
        var arguments = new List<RedisValue> { "issue", (long)wait.TotalMilliseconds, ticket.Grant.Until.ToUnixTimeMilliseconds() };
        Add(Shared, ticket.IsShared ? "1" : "0");
        Add(Caller, ticket.Grant.Caller);
        Add(Token, ticket.Grant.Tokens is [var token, ..] ? token : null);
        Add(Issued, ticket.Grant.Issued?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        await connection.RunAsync(scripts.Ticket, [KeyOf(ticket.Mailbox, ticket.Hash)], [.. arguments], cancellation);

        void Add(string field, string? value)
        {
            if (value is not null)
            {
                arguments.Add(field);
                arguments.Add(value);
            }
        }
    }

    public async ValueTask<Ticket?> FindAsync(string mailbox, string hash, CancellationToken cancellation)
    {
        var key = KeyOf(mailbox, hash);
        var entries = await connection.CallAsync(key, database => database.HashGetAllAsync(key, CommandFlags.DemandMaster), cancellation);
        var fields = entries.ToDictionary(entry => (string)entry.Name!, entry => (string)entry.Value!, StringComparer.Ordinal);
        if (!fields.TryGetValue(Until, out var until) || !TryReadTime(until, out var ends) ||
            !Identifier.TryParse(fields.GetValueOrDefault(Receiver), out var receiver))
        {
            return null; // none, or nothing that we wrote
        }

        var token = fields.GetValueOrDefault(Token);
        var grant = new Grant(
            fields.GetValueOrDefault(Caller),
            token is null ? [hash] : [hash, token],
            TryReadTime(fields.GetValueOrDefault(Issued), out var issued) ? issued : null,
            ends);
        return new Ticket(hash, mailbox, fields.GetValueOrDefault(Shared) == "1", grant, receiver);
    }

    public async ValueTask<bool> BindAsync(Ticket ticket, Identifier receiver, CancellationToken cancellation) =>
        (long)await connection.RunAsync(
            scripts.Ticket, [KeyOf(ticket.Mailbox, ticket.Hash)], ["bind", receiver.ToString()], cancellation) == 1;

    public async Task ReleaseAsync(Ticket ticket, Identifier receiver, TimeSpan wait)
    {
        try
        {
            await connection.RunAsync(
                scripts.Ticket,
                [KeyOf(ticket.Mailbox, ticket.Hash)],
                ["release", receiver.ToString(), (long)wait.TotalMilliseconds],
                CancellationToken.None);
        }
        catch (StoreException)
        {
            // Its client has to get another one.
        }
    }

    private RedisKey KeyOf(string mailbox, string hash) => keys.TicketOf(mailbox, hash);

    private static bool TryReadTime(string? text, out DateTimeOffset time)
    {
        var isTime = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) &&
            milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = isTime ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return isTime;
    }
}
