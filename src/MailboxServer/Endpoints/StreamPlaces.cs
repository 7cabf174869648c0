namespace Mailbox.Endpoints;

/// <summary>
/// The streams that this node has room for: in all, of one caller, from one address. A place is taken before the mailbox
/// is opened, so that opens at the same moment do not pass the limit together. Thread-safe.
/// </summary>
internal sealed class StreamPlaces(MailboxOptions options)
{
    private readonly Counts _callers = new(options.Limits.StreamsPerCaller);
    private readonly Counts _addresses = new(options.Limits.StreamsPerAddress);
    private int _taken;

    /// <summary>Null when the place is taken, which <see cref="Leave"/> gives back; else why there is none.</summary>
    /// <param name="caller">Who opens.</param>
    /// <param name="address">From where.</param>
    /// <param name="mailboxes">A connection of several is one of the node's, and as many of the caller's and the address's.</param>
    public Problem? TryTake(string caller, string address, int mailboxes = 1)
    {
        if (TryAdd(caller, address, mailboxes) is { } problem)
        {
            return problem;
        }

        if (!TryTakeOne())
        {
            Remove(caller, address, mailboxes);
            return Problem.TooManyConnections;
        }

        return null;
    }

    public void Leave(string caller, string address, int mailboxes = 1)
    {
        Interlocked.Decrement(ref _taken);
        Remove(caller, address, mailboxes);
    }

    /// <summary>For mailboxes that come to a connection which has its place; null when there is room for all of them.</summary>
    public Problem? TryAdd(string caller, string address, int mailboxes)
    {
        if (!_addresses.TryAdd(address, mailboxes))
        {
            return Problem.TooManyStreams("This address holds as many streams as it may.");
        }

        if (!_callers.TryAdd(caller, mailboxes))
        {
            _addresses.Remove(address, mailboxes);
            return Problem.TooManyStreams("This caller holds as many streams as it may.");
        }

        return null;
    }

    public void Remove(string caller, string address, int mailboxes)
    {
        _callers.Remove(caller, mailboxes);
        _addresses.Remove(address, mailboxes);
    }

    /// <summary>Never above the limit, not even for a moment: others would be refused for who is refused itself.</summary>
    private bool TryTakeOne()
    {
        int taken;
        do
        {
            taken = Volatile.Read(ref _taken);
            if (taken >= options.MaxConnections)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _taken, taken + 1, taken) != taken);
        return true;
    }
}
