using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>One stream, from the attempt to open it to its end.</summary>
internal sealed class Connection(OpenBegan began, MailboxTimeline mailbox)
{
    private readonly List<HistoryEvent> _stream = [];

    public OpenBegan Began { get; } = began;

    public MailboxTimeline Mailbox { get; } = mailbox;

    public Opened? Opened { get; set; }

    public Ended? Ended { get; set; }

    public string Client => Began.Client;

    public bool IsShared => Began.IsShared;

    public bool IsPolled => Began.Transport.Contains("poll", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the stream told, in its order: messages, gaps, resets.</summary>
    public IReadOnlyList<HistoryEvent> Stream => _stream;

    /// <summary>
    /// The latest that Redis can have made this connection the receiver. Every poll opens again, and what was not
    /// answered may still have been done until it was given up.
    /// </summary>
    public long ReceiverBefore => Opened is { } opened && !IsPolled ? opened.Index : Ended?.Index ?? long.MaxValue;

    public void Tell(HistoryEvent happened) => _stream.Add(happened);

    /// <summary>
    /// The gaps of this stream with the generation that they speak of: that of the messages around them, or of the
    /// cursor, as far as no reset stands between; null when nothing on this stream says it.
    /// </summary>
    public IEnumerable<Gap> Gaps()
    {
        var generation = Began.Resumes?.Generation;
        var waiting = new List<GapTold>();
        foreach (var happened in _stream)
        {
            if (happened is GapTold gap)
                waiting.Add(gap);
            else if (happened is Received received)
                generation = received.Id.Generation;

            if (waiting.Count > 0 && (generation is not null || happened is ResetTold))
            {
                foreach (var told in waiting)
                    yield return new Gap(told, generation);
                waiting.Clear();
            }
            if (happened is ResetTold)
                generation = null;
        }
        foreach (var told in waiting)
            yield return new Gap(told, null);
    }
}

internal readonly record struct Gap(GapTold Event, string? Generation);
