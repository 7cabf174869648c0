using System.ComponentModel.DataAnnotations;
using Mailbox.Access;
using Mailbox.Proxy;

namespace Mailbox;

/// <summary>The settings under <c>Mailbox</c>. Others rely on these names.</summary>
internal sealed class MailboxOptions
{
    public const string Section = "Mailbox";

    /// <summary>How long a mailbox lives without a receiver.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The most bytes of a body; more is 413.</summary>
    [Range(1, 16 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 65_536;

    /// <summary>The most messages that wait in a mailbox.</summary>
    [Range(1, 1_000_000)]
    public int MaxMessages { get; set; } = 1_000;

    /// <summary>The most bytes that wait in a mailbox, with about 100 beside each body. At least <c>MaxMessageBytes</c> + 4,096.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public long MaxBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// What a delivery to a full mailbox does: it is refused with 507, or the oldest messages leave and the receiver is told by
    /// a gap.
    /// </summary>
    public OverflowPolicy Overflow { get; set; } = OverflowPolicy.Reject;

    /// <summary>How many flushed messages stay for the resume of a receiver that does not acknowledge.</summary>
    [Range(0, 100_000)]
    public int ResumeLength { get; set; } = 200;

    /// <summary>
    /// Silence after which a stream says that it lives. A receiver counts as present for three of these after it was last seen.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often an open mailbox is looked at without a wake, give or take a quarter. At most two heartbeats.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Sweep { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A reader that takes longer for a flush, or a WebSocket for a pong, is cut off; its messages stay.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan WriteDeadline { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Over how long a node that goes away spreads the ends of its streams.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainWindow { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most streams of a node, waiting long-polls too; more get 503 <c>too-many</c>.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    public AccessOptions Access { get; set; } = new();

    public ConsoleOptions Console { get; set; } = new();

    public EventOptions Events { get; set; } = new();

    public LimitOptions Limits { get; set; } = new();

    public ProxyOptions Proxy { get; set; } = new();

    public RedisOptions Redis { get; set; } = new();

    public EmbeddedOptions Embedded { get; set; } = new();

    /// <summary>What an envelope may weigh beside its body.</summary>
    public int MaxEntryBytes => MaxMessageBytes + 4_096;

    /// <summary>How long a receiver counts as present after it was last seen.</summary>
    public TimeSpan Lease => Heartbeat * 3;
}

/// <summary>What a delivery to a full mailbox does.</summary>
internal enum OverflowPolicy
{
    /// <summary>It is refused with 507.</summary>
    Reject,

    /// <summary>The oldest messages leave; the receiver is told by a gap.</summary>
    DropOldest,
}

/// <summary>The settings under <c>Mailbox:Redis</c>.</summary>
internal sealed class RedisOptions
{
    /// <summary>
    /// In StackExchange.Redis's form, such as <c>redis:6379,password=…</c>
    /// (<see href="operations/redis.md#password-and-tls">password and TLS</see>); several endpoints are allowed. None: in
    /// Development an <see href="operations/README.md#the-embedded-engine">engine of the server's own</see>, else the server
    /// does not start.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Begins every key and channel.</summary>
    [RegularExpression("[A-Za-z0-9._~:-]{1,64}")]
    public string KeyPrefix { get; set; } = "mailbox:";

    /// <summary>How long a call to Redis may take before it is answered 503: a refusal reaches the sender within two seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(1.8);
}

/// <summary>The settings under <c>Mailbox:Embedded</c>.</summary>
internal sealed class EmbeddedOptions
{
    /// <summary>
    /// The embedded engine's command, instead of the one that is found. It must name <c>redis-server</c>, <c>valkey-server</c>
    /// or <c>garnet-server</c>.
    /// </summary>
    public string? Command { get; set; }

    /// <summary>The embedded engine's port on the loopback; 0 is a free one, told in the log.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }
}
