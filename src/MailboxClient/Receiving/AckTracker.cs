namespace Mailbox.Client.Receiving;

/// <summary>
/// Which of the given messages are done with. Acknowledging a message on the wire acknowledges all before it, so what may be
/// told is the place right before the oldest that is not done: no matter in which order they are done, none is lost.
/// </summary>
internal sealed class AckTracker
{
    private readonly Lock _lock = new();
    private readonly Queue<Given> _given = new();
    private readonly Dictionary<string, Given> _open = new(StringComparer.Ordinal);
    private string? _position;

    /// <summary>What may be told has grown.</summary>
    public event Action? Moved;

    /// <summary>The cursor of the last before the oldest that is not done; null before anything came.</summary>
    public string? Position
    {
        get
        {
            lock (_lock)
            {
                return _position;
            }
        }
    }

    /// <summary>How many were given from the oldest that is not done.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _given.Count;
            }
        }
    }

    public bool IsAllDone => Count == 0;

    public void Add(string cursor)
    {
        var given = new Given(cursor);
        lock (_lock)
        {
            _given.Enqueue(given);
            _open[cursor] = given;
        }
    }

    /// <summary>The cursor of what needs no acknowledgement of its own: a gap, a reset.</summary>
    public void AddDone(string cursor)
    {
        lock (_lock)
        {
            _given.Enqueue(new Given(cursor) { IsDone = true });
            if (!Advance())
            {
                return;
            }
        }

        Moved?.Invoke();
    }

    /// <summary>By its cursor: the same message given again, in another loop, is the same.</summary>
    public void Mark(string cursor)
    {
        lock (_lock)
        {
            if (!_open.Remove(cursor, out var given))
            {
                return;
            }

            given.IsDone = true;
            if (!Advance())
            {
                return;
            }
        }

        Moved?.Invoke();
    }

    /// <summary>Forgets what was given: it comes again after this place, or not at all.</summary>
    public void Begin(string? position)
    {
        lock (_lock)
        {
            _given.Clear();
            _open.Clear();
            _position = position;
        }
    }

    private bool Advance()
    {
        var before = _position;
        while (_given.TryPeek(out var oldest) && oldest.IsDone)
        {
            _position = oldest.Cursor;
            _given.Dequeue();
        }

        return !ReferenceEquals(_position, before);
    }

    /// <summary>A message that was given, or another event's cursor.</summary>
    private sealed class Given(string cursor)
    {
        public string Cursor => cursor;

        public bool IsDone { get; set; }
    }
}
