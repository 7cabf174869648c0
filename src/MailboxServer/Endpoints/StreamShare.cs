namespace Mailbox.Endpoints;

/// <summary>
/// What one connection holds of the node's <see cref="StreamPlaces"/>: one for each of its mailboxes, and one while it has none.
/// Thread-safe.
/// </summary>
internal sealed class StreamShare : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamPlaces _places;
    private readonly string _caller;
    private readonly string _address;
    private int _mailboxes;

    private StreamShare(StreamPlaces places, string caller, string address, int mailboxes) =>
        (_places, _caller, _address, _mailboxes) = (places, caller, address, mailboxes);

    /// <summary>The problem when there is no room, or the share, which the connection gives back at its end.</summary>
    public static Problem? TryTake(StreamPlaces places, string caller, string address, int mailboxes, out StreamShare? share)
    {
        var problem = places.TryTake(caller, address, Math.Max(1, mailboxes));
        share = problem is null ? new StreamShare(places, caller, address, mailboxes) : null;
        return problem;
    }

    /// <summary>Null when there is room for one more mailbox.</summary>
    public Problem? TryAdd()
    {
        lock (_gate)
        {
            if (_mailboxes > 0 && _places.TryAdd(_caller, _address, 1) is { } problem)
            {
                return problem;
            }

            _mailboxes++;
            return null;
        }
    }

    public void Remove()
    {
        lock (_gate)
        {
            if (--_mailboxes > 0)
            {
                _places.Remove(_caller, _address, 1);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _places.Leave(_caller, _address, Math.Max(1, _mailboxes));
        }
    }
}
