namespace Mailbox.Faults.Checking.Rules;

/// <summary>A mailbox's openings in the order in which they were answered.</summary>
internal sealed class Openings
{
    private readonly long[] _opened;
    private readonly (Connection Last, Connection? Rival)[] _latest;

    public Openings(IEnumerable<Connection> connections)
    {
        var ordered = connections.OrderBy(connection => connection.Opened!.Index).ToArray();
        _opened = Array.ConvertAll(ordered, connection => connection.Opened!.Index);
        _latest = new (Connection, Connection?)[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
            _latest[i] = i == 0 ? (ordered[0], null) : Later(_latest[i - 1], ordered[i]);
    }

    public bool HaveSeveralClients => _latest.Length > 0 && _latest[^1].Rival is not null;

    /// <summary>Of the others' connections that had been answered by then, the one that began last.</summary>
    public Connection? Rival(string client, long index)
    {
        var count = ~Array.BinarySearch(_opened, index);
        if (count <= 0)
            return null;
        var (last, rival) = _latest[count - 1];
        return last.Client == client ? rival : last;
    }

    /// <summary>The one that began last of all, and the one that began last of everybody else's.</summary>
    private static (Connection Last, Connection? Rival) Later((Connection Last, Connection? Rival) known, Connection next)
    {
        if (next.Began.Index > known.Last.Began.Index)
            return (next, known.Last.Client == next.Client ? known.Rival : known.Last);
        if (next.Client != known.Last.Client && !(known.Rival?.Began.Index > next.Began.Index))
            return (known.Last, next);
        return known;
    }
}
