namespace Mailbox.TestKit;

/// <summary>What the Redis doors share: the keys, and calls that find whoever has them.</summary>
internal abstract class RedisSender(TransportDoor door, IRedis redis, string keyPrefix) : Sender(door)
{
    private readonly IRedisCalls _calls = redis.NewCalls();

    public override ValueTask DisposeAsync() => _calls.DisposeAsync();

    protected string HashOf(string mailbox) => $"{keyPrefix}{{{mailbox}}}";

    protected string ListOf(string mailbox) => HashOf(mailbox) + ":messages";

    protected string IndexOf(string mailbox) => HashOf(mailbox) + ":index";

    protected string WakeOf(string mailbox) => HashOf(mailbox) + ":wake";

    /// <summary>Sends all at once, and gives the last reply.</summary>
    protected async Task<object?> ExecuteAsync(
        string mailbox, IReadOnlyList<object[]> commands, CancellationToken cancellationToken) =>
        (await _calls.ExecuteAsync(HashOf(mailbox), commands, cancellationToken))[^1];
}
