using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>A mailbox that keeps every promise: what is stored, who reads it, and what is told.</summary>
internal sealed class SimulatedMailbox(int number, Random random, Action<HistoryEvent> tell)
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, Position> _received = [];
    private string _generation = NewGeneration(random);
    private long _first = 1;
    private long _sent;
    private long _acked;
    private string? _receiver;
    private string? _connection;
    private long _place;
    private long _dropped;
    private int _opens;
    private long _acks = number * 1_000_000_000L;

    public string Name { get; } = $"m{number}";

    public Position Store(string payload, string? topic)
    {
        if (topic is not null && _entries.FindLast(entry => entry.Topic == topic) is { } older && NumberOf(older) > _sent)
            older.Payload = null;
        _entries.Add(new Entry { Payload = payload, Topic = topic });
        return new Position(_generation, _first + _entries.Count - 1);
    }

    public void TakeBackOne()
    {
        if (_entries.Count == 0)
            return;
        var at = random.Next(_entries.Count);
        tell(new TakeBackBegan(Name, new Position(_generation, _first + at)));
        _entries[at].Payload = null;
    }

    /// <summary>With its cursor if it is the receiver still, or takes over.</summary>
    public void Open(string client)
    {
        // The older connection's end may be noticed later, or never.
        if (_connection is not null && random.Next(2) == 0)
            tell(new Ended(_connection, _receiver == client ? "broken" : "replaced"));

        var cursor = _receiver == client ? _received.GetValueOrDefault(client) : null;
        _connection = $"{Name}-{client}-{_opens++}";
        _receiver = client;
        tell(new OpenBegan(_connection, client, Name, "sse", true, cursor, cursor is not null));
        tell(new Opened(_connection));
        if (cursor is not null && cursor.Generation != _generation)
        {
            TellReset();
        }
        else if (cursor is not null)
        {
            Acknowledge(cursor);
            _place = cursor.Sequence;
        }
        else
        {
            // It has no place yet: it is told what went before anybody was sent it.
            if (_dropped > _sent)
                tell(new GapTold(_connection, _sent + 1, _dropped, "dropped"));
            _sent = Math.Max(_sent, _dropped);
            _place = _first - 1;
        }
    }

    public void Break()
    {
        if (_connection is not null)
            tell(new Ended(_connection, "broken"));
        _connection = null;
    }

    /// <summary>The next message, if there is one.</summary>
    public bool Read()
    {
        if (_connection is null)
            return false;
        if (_place < _first - 1)
        {
            // Of what left quietly nothing is told.
            if (Math.Max(_dropped, _acked) > _place)
                tell(new GapTold(_connection, _place + 1, _first - 1, _dropped > _place ? "dropped" : "acknowledged"));
            _place = _first - 1;
        }
        while (_place < _first + _entries.Count - 1)
        {
            _place++;
            _sent = Math.Max(_sent, _place);
            if (_entries[(int)(_place - _first)].Payload is { } payload)
            {
                var id = new Position(_generation, _place);
                tell(new Received(_connection, Name, id, payload));
                _received[_receiver!] = id;
                return true;
            }
        }
        return false;
    }

    public void Ack()
    {
        if (_connection is null || _place < _first || _received.GetValueOrDefault(_receiver!) is not { } id || id.Generation != _generation)
            return;
        var op = ++_acks;
        tell(new AckBegan(op, _connection, _receiver!, Name, id));
        Acknowledge(id);
        tell(new AckEnded(op, AckEnd.Acked));
    }

    /// <summary>A limit drops what nobody was sent, oldest first.</summary>
    public void DropOldest()
    {
        if (_entries.Count < 3 || _sent >= _first)
            return;
        _dropped = _first;
        RemoveThrough(_first);
    }

    /// <summary>Redis forgets its newest writes, and the receiver, which must be there, is told.</summary>
    public bool Forget()
    {
        if (_connection is null)
            return false;
        var count = random.Next(_entries.Count + 1);
        _entries.RemoveRange(_entries.Count - count, count);
        _generation = NewGeneration(random);
        (_first, _sent, _dropped, _acked) = (1, 0, 0, 0);
        TellReset();
        return true;
    }

    public Kept Kept(bool hasReceiver) => new(Name, _generation, _first, [.. _entries.Select(entry => entry.Payload)], hasReceiver);

    private void TellReset()
    {
        tell(new ResetTold(_connection!, "lost"));
        _place = _first - 1;
    }

    private void Acknowledge(Position id)
    {
        RemoveThrough(id.Sequence);
        _acked = Math.Max(_acked, id.Sequence);
    }

    private void RemoveThrough(long sequence)
    {
        var count = (int)Math.Max(0, sequence - _first + 1);
        _entries.RemoveRange(0, count);
        _first += count;
    }

    private long NumberOf(Entry entry) => _first + _entries.IndexOf(entry);

    private static string NewGeneration(Random random) => random.NextInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Entry
    {
        public string? Payload { get; set; }

        public string? Topic { get; init; }
    }
}
