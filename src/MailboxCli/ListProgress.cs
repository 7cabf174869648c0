using Mailbox.Contracts;

namespace Mailbox.Cli;

/// <summary>
/// What was printed of the mailboxes on one connection, so that a reconnect tells nothing twice: of more than fifty, not every
/// message comes with the places to go on from, and which were taken over is told at each open.
/// </summary>
internal sealed class ListProgress(string[] mailboxes)
{
    private readonly HashSet<(string Mailbox, string Id)> _unplaced = [];
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    /// <summary>Other receivers have taken over all that there was.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>False for what was told before.</summary>
    public bool IsNews(Incoming next)
    {
        var isNews = next.Control switch
        {
            ControlEvents.Replaced => next.Mailbox is null || _gone.Add(next.Mailbox),
            ControlEvents.Gap => next.Reason != GapReasons.Acknowledged || !_unplaced.Any(one => one.Mailbox == next.Mailbox),
            null when next.Mailbox is not null => _unplaced.Add((next.Mailbox, next.Id!)),
            _ => true,
        };
        HasEnded |= next.Control == ControlEvents.Replaced && (next.Mailbox is null || _gone.Count == mailboxes.Length);
        if (next.Control == ControlEvents.Open && next.Mailbox is not null)
        {
            _gone.Remove(next.Mailbox);
        }

        if (next.Places is not null)
        {
            _unplaced.Clear();
        }

        return isNews;
    }
}
