namespace Mailbox.Mailboxes;

/// <summary>
/// Messages that wakes carried and the session has not looked at yet. Bounded: what does not fit is only a wake. Thread-safe.
/// </summary>
internal sealed class SessionInbox
{
    private const int MostMessages = 64;

    private readonly Lock _gate = new();
    private List<Carried> _carried = [];

    // Only the session looks, and it uses these two again at every look.
    private List<Carried> _taken = [];
    private readonly List<Message> _following = [];

    /// <summary>False when it is full.</summary>
    public bool TryAdd(Carried carried)
    {
        lock (_gate)
        {
            if (_carried.Count == MostMessages)
            {
                return false;
            }

            _carried.Add(carried);
            return true;
        }
    }

    /// <summary>What stands right behind a place, and behind that, in order. The inbox is empty afterwards.</summary>
    /// <param name="position">What was had before is passed over.</param>
    /// <param name="fence">Whose they must be; null for a watcher, who has none.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="isBroken">There was more, which does not follow: a take tells what it is.</param>
    public Message[] TakeBehind(Position position, Fence? fence, int most, out bool isBroken)
    {
        TakeAll();
        isBroken = false;
        foreach (var carried in _taken)
        {
            if (carried.Before.Generation == position.Generation && carried.Before.Sequence < position.Sequence)
            {
                continue;
            }

            isBroken = carried.Before != position || _following.Count == most || (fence is { } own && carried.Fence != own);
            if (isBroken)
            {
                break;
            }

            _following.Add(carried.Message);
            position = carried.Message.Position;
        }

        Message[] following = [.. _following];
        _following.Clear();
        _taken.Clear();
        return following;
    }

    /// <summary>All of them, in their order: they may have come in another.</summary>
    private void TakeAll()
    {
        lock (_gate)
        {
            (_carried, _taken) = (_taken, _carried);
        }

        if (_taken.Count > 1)
        {
            _taken.Sort(static (one, other) => one.Message.Id.Sequence.CompareTo(other.Message.Id.Sequence));
        }
    }
}
