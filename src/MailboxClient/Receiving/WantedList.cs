namespace Mailbox.Client.Receiving;

/// <summary>The mailboxes that a receiver of several is to have. It outlasts loops and connections. Thread-safe.</summary>
internal sealed class WantedList
{
    public const int Most = 1_000;

    private readonly ReceiverLoop _loop;
    private readonly Dictionary<string, string> _after;
    private readonly Dictionary<string, Seat> _seats = new(StringComparer.Ordinal);

    public WantedList(ReceiverLoop loop, IEnumerable<string> mailboxes, Dictionary<string, string> after)
    {
        (_loop, _after) = (loop, after);
        foreach (var mailbox in mailboxes)
        {
            _seats.Add(mailbox, NewSeat(mailbox));
        }
    }

    /// <summary>The list has changed, or what a loop makes of it.</summary>
    public Signal Changed { get; } = new();

    /// <summary>Also guards what a loop makes of the list.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The last that another receiver took over, when none is left.</summary>
    public string? LastLeft { get; private set; }

    public IReadOnlyList<Seat> Seats
    {
        get
        {
            lock (Gate)
            {
                return [.. _seats.Values];
            }
        }
    }

    public IReadOnlyList<string> Names => [.. Seats.Select(seat => seat.Mailbox).Order(StringComparer.Ordinal)];

    public IReadOnlyDictionary<string, string> Cursors => Seats.Where(seat => seat.Cursor is not null)
        .ToDictionary(seat => seat.Mailbox, seat => seat.Cursor!, StringComparer.Ordinal);

    public bool IsEmpty
    {
        get
        {
            lock (Gate)
            {
                return _seats.Count == 0;
            }
        }
    }

    public bool TryAdd(string mailbox)
    {
        lock (Gate)
        {
            if (_seats.ContainsKey(mailbox))
            {
                return false;
            }

            if (_seats.Count == Most)
            {
                throw new InvalidOperationException("One connection has at most 1,000 mailboxes.");
            }

            _seats.Add(mailbox, NewSeat(mailbox));
            LastLeft = null;
        }

        Changed.Raise();
        return true;
    }

    public bool TryRemove(string mailbox)
    {
        lock (Gate)
        {
            if (!_seats.Remove(mailbox, out var seat))
            {
                return false;
            }

            seat.IsGone = true;
        }

        Changed.Raise();
        return true;
    }

    /// <summary>Another receiver has it.</summary>
    /// <returns>Whether it was in the list.</returns>
    public bool TakenOver(Seat seat)
    {
        lock (Gate)
        {
            if (seat.IsGone || !_seats.Remove(seat.Mailbox))
            {
                return false;
            }

            seat.IsGone = true;
            LastLeft = _seats.Count == 0 ? seat.Mailbox : null;
            return true;
        }
    }

    /// <summary>A place to begin holds once: who opens a mailbox again wants it from the oldest kept.</summary>
    private Seat NewSeat(string mailbox) => new(_loop, mailbox, _after.Remove(mailbox, out var after) ? after : null);
}
