using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>What a session has found and its transport has not yet asked for, in order.</summary>
internal sealed class SessionEvents(Identifier receiver)
{
    private readonly Queue<SessionEvent> _waiting = new();

    public bool IsEmpty => _waiting.Count == 0;

    public bool IsLossNext => _waiting.TryPeek(out var next) && next.Kind is SessionEventKind.Gap or SessionEventKind.Reset;

    public bool TryNext(out SessionEvent next) => _waiting.TryDequeue(out next);

    public void Add(SessionEventKind kind, Cursor cursor) => _waiting.Enqueue(SessionEvent.Of(kind, cursor));

    /// <summary>
    /// A reset or gap that the store told of; the receiver that has read it stands at the position. With both, who has read
    /// the reset alone stands before the gap, and is told of it when it comes back (G5).
    /// </summary>
    public void AddLoss(string? reset, Gap? gap, Position position)
    {
        if (reset is not null)
        {
            NodeMetrics.Reset(reset);
            var place = gap is { } next ? position.Before(next) : position;
            _waiting.Enqueue(SessionEvent.Of(SessionEventKind.Reset, new Cursor(place, receiver)) with { Reason = reset });
        }

        if (gap is { } lost)
        {
            NodeMetrics.Gap(lost.Reason);
            _waiting.Enqueue(new SessionEvent(SessionEventKind.Gap, new Cursor(position, receiver), [], lost));
        }
    }

    /// <summary>
    /// What a take found: messages in order, what is no message announced at its place, what was removed on purpose passed
    /// over. Returns the place behind all of it.
    /// </summary>
    public Position Add(Taken taken)
    {
        AddLoss(taken.Reset, taken.Gap, taken.Position);
        var position = taken.Position;
        var messages = new List<Message>(taken.Entries.Count);
        foreach (var entry in taken.Entries)
        {
            position = entry.Position;
            if (entry.Kind == EntryKind.Message)
            {
                messages.Add(entry.Message!);
            }
            else if (entry.Kind == EntryKind.Malformed)
            {
                AddMessages([.. messages]);
                messages.Clear();
                AddLoss(reset: null, new Gap(position.Sequence, position.Sequence, GapReasons.Malformed), position);
            }
        }

        AddMessages([.. messages]);
        return position;
    }

    public void AddMessages(Message[] messages)
    {
        if (messages.Length > 0)
        {
            _waiting.Enqueue(new SessionEvent(
                SessionEventKind.Messages, new Cursor(messages[^1].Position, receiver), messages));
        }
    }
}
