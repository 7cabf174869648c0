using System.Net;

namespace Mailbox.TestKit;

/// <summary>How a mailbox is opened. What is null is not sent.</summary>
public sealed record ReceiverOptions
{
    /// <summary>Open all these on one connection, whatever mailbox the call names.</summary>
    public IReadOnlyList<string>? Mailboxes { get; init; }

    /// <summary>Open the list that is kept under this id.</summary>
    public string? List { get; init; }

    /// <summary>Several mailboxes on one connection.</summary>
    public bool IsMany => Mailboxes is not null || List is not null;

    /// <summary>A cursor, or <c>now</c>.</summary>
    public string? After { get; init; }

    /// <summary><c>client</c> or <c>none</c>.</summary>
    public string? Ack { get; init; }

    public int? Window { get; init; }

    /// <summary><c>shared</c> to watch.</summary>
    public string? Mode { get; init; }

    public string? Receiver { get; init; }

    /// <summary><c>envelope</c>, for SSE.</summary>
    public string? Format { get; init; }

    /// <summary>Messages in one long-poll answer.</summary>
    public int? Limit { get; init; }

    /// <summary>Instead of a header that says who this is.</summary>
    public string? Ticket { get; init; }

    /// <summary>The header that an EventSource sends when it comes back.</summary>
    public string? LastEventId { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>2.0 needs a port that speaks it without TLS; WebSockets then use CONNECT (RFC 8441).</summary>
    public Version HttpVersion { get; init; } = System.Net.HttpVersion.Version11;

    /// <summary>
    /// False for a reader that reads only what the test asks for, one event ahead: then the connection's buffers fill, and
    /// pings go unanswered.
    /// </summary>
    public bool ReadsAhead { get; init; } = true;

    /// <summary>
    /// How often a WebSocket client pings; one that is not answered for three of them takes the connection for broken. Null:
    /// what keeps the connection alive is the server's business.
    /// </summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Told the client's end of every connection that it makes: the first is the stream's. Once for each.</summary>
    public Action<IPEndPoint>? Connected { get; init; }

    /// <summary>How long the open may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
