namespace Mailbox.TestKit;

/// <summary>What came.</summary>
public enum ReceivedKind
{
    Message,

    /// <summary>What a stream says beside messages: open, gap, reset, replaced, draining, unavailable, unauthorized.</summary>
    Control,

    /// <summary>The stream has ended, in whatever way. Comes for every read after it.</summary>
    End,
}
