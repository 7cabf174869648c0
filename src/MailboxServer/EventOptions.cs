using System.ComponentModel.DataAnnotations;

namespace Mailbox;

/// <summary>The settings under <c>Mailbox:Events</c>: what is told of mailboxes, in a mailbox.</summary>
internal sealed class EventOptions
{
    /// <summary>
    /// Whether <see href="events.md">what happens to mailboxes</see> is delivered into the mailbox <c>~events</c>. The same on all nodes.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>After how long without an ack a message is told of, of each mailbox the oldest; 0: never.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Unacknowledged { get; set; }

    /// <summary>
    /// How often one of the nodes looks through all mailboxes for what expired, waits for an ack, or was lost with its node. A mailbox that
    /// lives for less than two of these may be missed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan Look { get; set; } = TimeSpan.FromSeconds(30);
}
