using System.Text;

namespace Mailbox.TestKit;

/// <summary>
/// Delivers through one of three doors: one behaviour for a test to state once. Not for concurrent use on the Redis doors,
/// where calls wait for each other.
/// </summary>
public abstract class Sender : IAsyncDisposable
{
    private protected Sender(TransportDoor door) => Door = door;

    /// <summary>All doors; an engine without functions lacks <see cref="TransportDoor.Function"/>.</summary>
    public static IReadOnlyList<TransportDoor> Doors { get; } = Enum.GetValues<TransportDoor>();

    public TransportDoor Door { get; }

    /// <summary>Whether this door takes <see cref="SendOptions"/>, answers with an id, and refuses what is over a limit.</summary>
    public bool IsFull => Door != TransportDoor.BareRedis;

    public static Sender Create(TransportDoor door, Uri node, IRedis redis, string keyPrefix = "mailbox:") => door switch
    {
        TransportDoor.Rest => Rest(node),
        TransportDoor.BareRedis => BareRedis(redis, keyPrefix),
        TransportDoor.Function => Function(redis, keyPrefix),
        _ => throw new ArgumentOutOfRangeException(nameof(door)),
    };

    public static Sender Rest(Uri node) => new RestSender(node);

    public static Sender BareRedis(IRedis redis, string keyPrefix = "mailbox:") => new BareRedisSender(redis, keyPrefix);

    /// <exception cref="NotSupportedException">The engine has no functions.</exception>
    public static Sender Function(IRedis redis, string keyPrefix = "mailbox:") => redis.HasFunctions
        ? new FunctionSender(redis, keyPrefix)
        : throw new NotSupportedException($"{redis.GetType().Name} has no functions.");

    /// <summary>One delivery, without a retry. A refusal is a result; an answer that does not come is an exception.</summary>
    /// <exception cref="NotSupportedException">Options on a bare delivery.</exception>
    public abstract Task<SendResult> SendAsync(
        string mailbox, byte[] body, SendOptions? options = null, CancellationToken cancellationToken = default);

    public Task<SendResult> SendAsync(
        string mailbox, string body, SendOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(mailbox, Encoding.UTF8.GetBytes(body), options, cancellationToken);

    public abstract ValueTask DisposeAsync();
}
