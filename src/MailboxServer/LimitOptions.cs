using System.ComponentModel.DataAnnotations;

namespace Mailbox;

/// <summary>The settings under <c>Mailbox:Limits</c>: what one caller, one address or one tenant may have of a node. 0 is no limit.</summary>
internal sealed class LimitOptions
{
    /// <summary>The most streams of one caller on this node.</summary>
    [Range(0, 10_000_000)]
    public int StreamsPerCaller { get; set; } = 10_000;

    /// <summary>The most streams from one address (of IPv6: one /64) on this node.</summary>
    [Range(0, 10_000_000)]
    public int StreamsPerAddress { get; set; } = 10_000;

    /// <summary>TCP connections beside the streams of <c>Mailbox:MaxConnections</c>; what is over both is closed unanswered.</summary>
    [Range(100, 10_000_000)]
    public int OtherConnections { get; set; } = 10_000;

    /// <summary>The most TCP connections from one address, whatever they carry; what is over it is closed unanswered.</summary>
    [Range(0, 10_000_000)]
    public int ConnectionsPerAddress { get; set; } = 15_000;

    /// <summary>Until a connection's first byte, and from a request's first byte to the end of its headers.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:02:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>From the headers to the end of the body, for a body that does not come with them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes of bodies that this node holds while they come, or while they go to many.</summary>
    [Range(16L * 1024 * 1024, 1L << 40)]
    public long BodyBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How many mailboxes one call may name.</summary>
    [Range(1, 10_000)]
    public int RecipientsPerCall { get; set; } = 10_000;

    /// <summary>Opens of one caller on this node, in the long run.</summary>
    [Range(0, 10_000_000)]
    public int OpensPerSecond { get; set; } = 1_000;

    /// <summary>Opens of one caller at once, after a pause.</summary>
    [Range(1, 10_000_000)]
    public int OpenBurst { get; set; } = 10_000;

    /// <summary>Deliveries of one caller on this node, in the long run; each recipient is one.</summary>
    [Range(0, 10_000_000)]
    public int DeliveriesPerSecond { get; set; } = 20_000;

    /// <summary>Deliveries of one caller at once, after a pause.</summary>
    [Range(1, 10_000_000)]
    public int DeliveryBurst { get; set; } = 40_000;

    /// <summary>Frames of any kind from one WebSocket, in the long run; twice as many at once.</summary>
    [Range(0, 1_000_000)]
    public int FramesPerSecond { get; set; } = 5_000;

    /// <summary>The most mailboxes of one tenant, on all nodes.</summary>
    [Range(0, 1_000_000_000)]
    public int MailboxesPerTenant { get; set; }

    /// <summary>The most bytes that wait in a tenant's mailboxes, on all nodes.</summary>
    [Range(0, 1L << 50)]
    public long BytesPerTenant { get; set; }

    /// <summary>How often all mailboxes are looked through for what came past the nodes, and for what has left.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan TenantRecount { get; set; } = TimeSpan.FromMinutes(1);

    public bool CountsTenants => MailboxesPerTenant > 0 || BytesPerTenant > 0;
}
