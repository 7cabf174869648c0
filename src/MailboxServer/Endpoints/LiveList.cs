using Mailbox.Access;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// Opens and closes mailboxes on a WebSocket of several, by the rules of an open of its own: names, rights, rates and places. What is
/// refused is told there, and the rest goes on.
/// </summary>
/// <param name="caller">Who opened the connection.</param>
/// <param name="set">What the connection carries.</param>
/// <param name="asked">As the connection was asked for: every mailbox is opened alike, by the same receiver.</param>
/// <param name="rules">Rates, places and settings.</param>
internal sealed class LiveList(Caller caller, SessionSet set, OpenOptions asked, LiveRules rules) : ILiveList
{
    public void Open(string mailbox, string? after)
    {
        if (RefusalOf(mailbox) is { } refusal)
        {
            set.Refuse(mailbox, refusal.Reason);
        }
        else if (!Beginning.TryParse(after, out var start, out var cursor))
        {
            set.Refuse(mailbox, Problem.InvalidCursor("").Reason);
        }
        else if (start == StartAt.Cursor && cursor.Receiver != asked.Receiver)
        {
            set.Refuse(mailbox, Problem.Replaced.Reason);
        }
        else if ((rules.Rate() ?? rules.Share.TryAdd()) is { } full)
        {
            set.Refuse(mailbox, full.Reason);
        }
        else if (set.TryOpen(mailbox, asked with { Start = start, Cursor = cursor }) is { } reason)
        {
            rules.Share.Remove();
            set.Refuse(mailbox, reason);
        }
    }

    public void Close(string mailbox)
    {
        if (!set.TryClose(mailbox))
        {
            set.Refuse(mailbox, "not-open");
        }
    }

    /// <summary>A ticket admits to what was opened with it, once.</summary>
    private Problem? RefusalOf(string mailbox) =>
        RequestReader.RefusalOf(caller, mailbox, Scope.Open) is { } problem ? problem
        : caller.Ticket is not null ? Problem.NotAllowed
        : rules.Absence(mailbox);
}

/// <summary>What a mailbox that is opened live is held to.</summary>
/// <param name="Share">What the connection holds of the node's places.</param>
/// <param name="Rate">Counts one open; null when it may.</param>
/// <param name="Absence">Of a mailbox of the system's own; null when it is there.</param>
internal sealed record LiveRules(StreamShare Share, Func<Problem?> Rate, Func<string, Problem?> Absence);
