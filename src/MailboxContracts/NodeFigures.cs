using System.Text.Json.Serialization;

namespace Mailbox.Contracts;

/// <summary>
/// What a node has counted since it started: the body of a message in the system's own mailbox <see cref="Destination"/>. Two of one
/// node make a rate.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)] // newer nodes may say more
public sealed record NodeFigures
{
    /// <summary>
    /// The mailbox that each node delivers these into every two seconds, where <c>Mailbox:Console:Enabled</c> is set. Nobody else
    /// delivers there. Watch it with <c>mode=shared</c>: then others can, too.
    /// </summary>
    public const string Destination = "~nodes";

    /// <summary>The node's id, random for each start; also the message's topic.</summary>
    public required string Node { get; init; }

    /// <summary>The machine's name.</summary>
    public required string Host { get; init; }

    /// <summary>The server's version.</summary>
    public required string Version { get; init; }

    /// <summary>starting, ready or draining.</summary>
    public required string State { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When this was counted, by the node's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Open streams and waiting long-polls.</summary>
    public required long Connections { get; init; }

    /// <summary>Mailboxes opened.</summary>
    public required long Opens { get; init; }

    /// <summary>Messages stored by way of this node.</summary>
    public required long Delivered { get; init; }

    /// <summary>Messages given to streams of this node.</summary>
    public required long Taken { get; init; }

    /// <summary>Gaps that receivers were told of.</summary>
    public required long Gaps { get; init; }

    /// <summary>Resets that receivers were told of.</summary>
    public required long Resets { get; init; }

    /// <summary>Requests that were refused.</summary>
    public required long Refusals { get; init; }

    /// <summary>Bytes of memory that the process holds.</summary>
    public required long Memory { get; init; }

    /// <summary>From the store's time of a message to its flush, for messages that a stream waited for.</summary>
    public required WakeLatency WakeLatency { get; init; }
}

/// <summary>A histogram of seconds.</summary>
/// <param name="Bounds">The upper bound of each bucket but the last, which has none.</param>
/// <param name="Counts">How many fell into each bucket.</param>
public sealed record WakeLatency(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts);
