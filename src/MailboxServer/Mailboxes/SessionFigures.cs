namespace Mailbox.Mailboxes;

/// <summary>
/// What a session's takes and writes are measured by. A message counts for the latency, and a sweep as a hit, when the session
/// stood at the mailbox's end and waited: what was there before, was held back by a full window, or came while the store was
/// away says nothing of wakes.
/// </summary>
internal struct SessionFigures
{
    private bool _isUpToDate;
    private bool _isSweep;
    private bool _wasWaitedFor;
    private bool _counts;
    private Message[]? _writing;
    private DateTimeOffset _began;

    /// <summary>A take begins, for these reasons.</summary>
    public void Takes(SessionReasons reasons) =>
        _isSweep = _isUpToDate && (reasons & (SessionReasons.Sweep | SessionReasons.Wake | SessionReasons.Carried)) == SessionReasons.Sweep;

    public void Took(Taken taken)
    {
        var messages = 0;
        for (var i = 0; i < taken.Entries.Count; i++)
        {
            messages += taken.Entries[i].Kind == EntryKind.Message ? 1 : 0;
        }

        NodeMetrics.Take(messages, isCarried: false);
        if (_isSweep && messages > 0)
        {
            NodeMetrics.SweepHits.Add(1);
        }

        (_wasWaitedFor, _isUpToDate) = (_isUpToDate, !taken.TakeAgain);
    }

    public void Failed() => _isUpToDate = false;

    public void Carried(int messages)
    {
        NodeMetrics.Take(messages, isCarried: true);
        _wasWaitedFor = true;
    }

    /// <summary>The transport is given this to write.</summary>
    public void Writes(SessionEvent next)
    {
        _writing = next.Messages.Length > 0 ? next.Messages : null;
        if (_writing is not null)
        {
            (_counts, _began) = (_wasWaitedFor, DateTimeOffset.UtcNow);
        }
    }

    /// <summary>It has flushed what it was given.</summary>
    public void Wrote(string mailbox)
    {
        if (_writing is not { } written)
        {
            return;
        }

        _writing = null;
        foreach (var message in written)
        {
            if (_counts && message.Time is { } time)
            {
                NodeMetrics.WakeLatency.Record(StoreClock.Shared.Since(time).TotalSeconds);
            }

            if (message.Trace is not null)
            {
                NodeTraces.Write(mailbox, message, _began);
            }
        }
    }
}
