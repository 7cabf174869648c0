using System.ComponentModel.DataAnnotations;

namespace Mailbox;

/// <summary>The settings under <c>Mailbox:Limits</c>: what one caller, one address or one tenant may have of a node. 0 is no limit.</summary>
internal sealed class LimitOptions
{
    /// <summary>The most streams of one caller on a node; more get 429.</summary>
    [Range(0, 10_000_000)]
    public int StreamsPerCaller { get; set; } = 10_000;

    /// <summary>The most streams from one address on a node; more get 429.</summary>
    [Range(0, 10_000_000)]
    public int StreamsPerAddress { get; set; } = 10_000;

    /// <summary>
    /// TCP connections of a node beside the <c>MaxConnections</c> streams, so that health checks and deliveries get through;
    /// what is over the sum of both is closed unanswered.
    /// </summary>
    [Range(100, 10_000_000)]
    public int OtherConnections { get; set; } = 10_000;

    /// <summary>
    /// The most TCP connections from one address, whatever they carry; more are closed unanswered. Behind a proxy or load balancer,
    /// which stands for everybody, set this and the streams of a caller and of an address to 0, or raise them.
    /// </summary>
    [Range(0, 10_000_000)]
    public int ConnectionsPerAddress { get; set; } = 15_000;

    /// <summary>Until a connection's first byte, then it is closed; from there to the end of a request's headers, then 408.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:02:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Until the end of a body that does not come with its headers; then 408.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most bytes of bodies that a node holds while they come or go to many; more get 503 <c>too-many</c>.</summary>
    [Range(16L * 1024 * 1024, 1L << 40)]
    public long BodyBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How many mailboxes one call may name; more is 413.</summary>
    [Range(1, 10_000)]
    public int RecipientsPerCall { get; set; } = 10_000;

    /// <summary>Opens of one caller on a node in the long run, polls too; more get 429.</summary>
    [Range(0, 10_000_000)]
    public int OpensPerSecond { get; set; } = 1_000;

    /// <summary>How many opens of one caller may come at once.</summary>
    [Range(1, 10_000_000)]
    public int OpenBurst { get; set; } = 10_000;

    /// <summary>Deliveries of one caller on a node in the long run, each recipient is one; more get 429.</summary>
    [Range(0, 10_000_000)]
    public int DeliveriesPerSecond { get; set; } = 20_000;

    /// <summary>How many deliveries of one caller may come at once. At least <c>RecipientsPerCall</c>.</summary>
    [Range(1, 10_000_000)]
    public int DeliveryBurst { get; set; } = 40_000;

    /// <summary>Frames of any kind from one WebSocket in the long run, twice as many at once; more is close code 1008.</summary>
    [Range(0, 1_000_000)]
    public int FramesPerSecond { get; set; } = 5_000;

    /// <summary>The most members of a <see href="groups.md">group</see>; more get 507 <c>group-full</c>.</summary>
    [Range(1, 10_000)]
    public int MembersPerGroup { get; set; } = 10_000;

    /// <summary>
    /// The most mailboxes of one <see href="protocol.md#tenants">tenant</see>, on all nodes; more get 507 <c>tenant-full</c>.
    /// </summary>
    [Range(0, 1_000_000_000)]
    public int MailboxesPerTenant { get; set; }

    /// <summary>The most bytes that wait in a tenant's mailboxes, on all nodes; more get 507 <c>tenant-full</c>.</summary>
    [Range(0, 1L << 50)]
    public long BytesPerTenant { get; set; }

    /// <summary>
    /// How often all mailboxes are looked through for what was delivered past the nodes.
    /// <see href="decisions/0008-tenants-are-counted-beside-their-mailboxes.md">What it costs and how exact it is</see>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan TenantRecount { get; set; } = TimeSpan.FromMinutes(1);

    public bool CountsTenants => MailboxesPerTenant > 0 || BytesPerTenant > 0;
}
