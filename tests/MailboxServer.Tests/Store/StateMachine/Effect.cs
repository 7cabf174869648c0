namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>What a step is allowed to do to the mailbox, beside what time and the limits do.</summary>
internal sealed record Effect
{
    /// <summary>A script wrote: the counts, the numbers and the deadline are in order after it.</summary>
    public bool Saves { get; init; }

    /// <summary>Payloads that may come.</summary>
    public IReadOnlyList<string> Added { get; init; } = [];

    /// <summary>A delivery made room for itself, or tried to.</summary>
    public bool Delivers { get; init; }

    /// <summary>Its unsent older message may leave.</summary>
    public string? Topic { get; init; }

    public long AcknowledgedThrough { get; init; }

    public long FlushedThrough { get; init; }

    public long TakenBack { get; init; }

    /// <summary>What is far over the size limit may be put away, after the limits were looked at.</summary>
    public bool Takes { get; init; }

    /// <summary>Is no message, and is put away.</summary>
    public long Quarantined { get; init; }

    public bool TrimsWindow => FlushedThrough > 0;

    public bool MaySend { get; init; }

    /// <summary>A position was presented that cannot be honoured.</summary>
    public bool MayRename { get; init; }
}
