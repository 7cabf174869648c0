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
    public Problem? TryTake(string caller, string address)
    {
        if (!_addresses.TryAdd(address))
        {
            return Problem.TooManyStreams("This address holds as many streams as it may.");
        }

        if (!_callers.TryAdd(caller))
        {
            _addresses.Remove(address);
            return Problem.TooManyStreams("This caller holds as many streams as it may.");
        }

        if (!TryTakeOne())
        {
            _callers.Remove(caller);
            _addresses.Remove(address);
            return Problem.TooManyConnections;
        }

        return null;
    }

    public void Leave(string caller, string address)
    {
        Interlocked.Decrement(ref _taken);
        _callers.Remove(caller);
        _addresses.Remove(address);
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
