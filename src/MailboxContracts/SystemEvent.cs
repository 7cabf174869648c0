using System.Text.Json.Serialization;

namespace Mailbox.Contracts;

/// <summary>What happened to a mailbox: the body of a message in the system's own mailbox <see cref="Destination"/>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)] // newer nodes may say more
public sealed record SystemEvent
{
    /// <summary>The mailbox that these come into, where <c>Mailbox:Events:Enabled</c> is set. Nobody else delivers there.</summary>
    public const string Destination = "~events";

    /// <summary>A receiver opened the mailbox; see <see cref="Resumed"/>.</summary>
    public const string Opened = "opened";

    /// <summary>A receiver's connection ended, and no newer one of its own stands in for it; see <see cref="Reason"/>.</summary>
    public const string Closed = "closed";

    /// <summary>The mailbox was removed since nobody came, with messages in it; see <see cref="Waiting"/>.</summary>
    public const string Expired = "expired";

    /// <summary>The oldest message of the mailbox has waited for an ack for as long as the setting says; see <see cref="Id"/>.</summary>
    public const string Unacknowledged = "unacknowledged";

    /// <summary>A node could not tell of so many events, as Redis was away for too long; see <see cref="Count"/>.</summary>
    public const string Missed = "missed";

    /// <summary>One of the above; also the message's type.</summary>
    public required string Event { get; init; }

    /// <summary>Which mailbox; absent with <see cref="Missed"/>.</summary>
    public string? Mailbox { get; init; }

    /// <summary>
    /// When: by the node's clock for opened, closed and missed; by Redis's for the others, and for closed with the reason <c>lost</c>.
    /// </summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>With <see cref="Opened"/>: it came back with a cursor.</summary>
    public bool? Resumed { get; init; }

    /// <summary>
    /// With <see cref="Closed"/>: <c>gone</c> (the client ended it, or read too slowly), <c>replaced</c>, <c>unauthorized</c>,
    /// <c>draining</c>, or <c>lost</c> (the node died, or the client of a long-poll did not come back).
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>With <see cref="Expired"/>: how many messages nobody had received, when it was last looked at.</summary>
    public long? Waiting { get; init; }

    /// <summary>With <see cref="Unacknowledged"/>: the message's id.</summary>
    public string? Id { get; init; }

    /// <summary>With <see cref="Missed"/>: how many.</summary>
    public long? Count { get; init; }
}
