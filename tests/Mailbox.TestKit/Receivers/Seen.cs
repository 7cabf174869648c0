namespace Mailbox.TestKit;

/// <summary>The last events that a receiver gave, for the message of a failure.</summary>
internal sealed class Seen
{
    private const int Kept = 20;

    private readonly Queue<string> _last = new();
    private int _count;

    public void Add(ReceivedEvent received)
    {
        _count++;
        _last.Enqueue(received.ToString());
        if (_last.Count > Kept)
        {
            _last.Dequeue();
        }
    }

    public override string ToString() =>
        _count == 0 ? "Nothing was seen before." : $"Seen before: {_count} events, the last: {string.Join("; ", _last)}.";
}
