namespace Mailbox.Contracts;

/// <summary>The state of one mailbox.</summary>
public sealed record MailboxInfo
{
    /// <summary>The name.</summary>
    public required string Mailbox { get; init; }

    /// <summary>Tells this numbering from every other; 16 hex digits.</summary>
    public required string Generation { get; init; }

    /// <summary>Sequence of the oldest kept message, or of the next one when none is kept.</summary>
    public required long First { get; init; }

    /// <summary>Sequence of the newest message, or one below <see cref="First"/>.</summary>
    public required long Last { get; init; }

    /// <summary>The highest sequence that a receiver was sent.</summary>
    public required long Sent { get; init; }

    /// <summary>The highest sequence that was flushed to a receiver that does not acknowledge.</summary>
    public required long Flushed { get; init; }

    /// <summary>Messages kept.</summary>
    public required long Messages { get; init; }

    /// <summary>Bytes kept, with what each entry carries beside its body.</summary>
    public required long Bytes { get; init; }

    /// <summary>Whether a receiver is present. A hint.</summary>
    public required bool Connected { get; init; }

    /// <summary>The current receiver, if there has been one.</summary>
    public string? Receiver { get; init; }

    /// <summary>The node that a present receiver is connected to; unknown when an older node opened.</summary>
    public string? Node { get; init; }

    /// <summary>How a present receiver is connected: sse, ndjson, websocket or longpoll.</summary>
    public string? Transport { get; init; }

    /// <summary>Since when a present receiver has this connection; of a long-poll, since its last poll.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Counts the opens.</summary>
    public required long Epoch { get; init; }

    /// <summary>When the mailbox is removed if no receiver comes.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The limits in force.</summary>
    public required MailboxSettings Limits { get; init; }
}

/// <summary>A page of names.</summary>
/// <param name="Mailboxes">The names, in no order.</param>
/// <param name="Cursor">Where the next page begins; absent on the last.</param>
public sealed record MailboxList(IReadOnlyList<string> Mailboxes, string? Cursor);

/// <summary>The nodes that are alive.</summary>
/// <param name="Nodes">The nodes.</param>
public sealed record NodeList(IReadOnlyList<NodeInfo> Nodes);

/// <summary>One node.</summary>
/// <param name="Id">Random for each start.</param>
/// <param name="Host">The host's name.</param>
/// <param name="Version">The server's version.</param>
/// <param name="Started">When it started.</param>
/// <param name="Seen">When it was last heard of.</param>
/// <param name="Connections">Open streams.</param>
/// <param name="State">starting, ready or draining.</param>
public sealed record NodeInfo(
    string Id, string Host, string Version, DateTimeOffset Started, DateTimeOffset Seen, int Connections, string State);
