namespace Mailbox.TestKit;

/// <summary>Delivers with four commands that every Redis client has. Nobody says whether a limit will drop the message.</summary>
internal sealed class BareRedisSender(IRedis redis, string keyPrefix)
    : RedisSender(TransportDoor.BareRedis, redis, keyPrefix)
{
    private const int TimeToLive = 86_400;

    public override async Task<SendResult> SendAsync(
        string mailbox, byte[] body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options is not null && options.Given().Any())
        {
            throw new NotSupportedException("A bare delivery has nothing but a body.");
        }

        var replies = (object?[]?)await ExecuteAsync(
            mailbox,
            [
                ["MULTI"],
                ["RPUSH", ListOf(mailbox), body],
                ["EXPIRE", ListOf(mailbox), TimeToLive, "NX"],
                ["PUBLISH", WakeOf(mailbox), 1],
                ["EXEC"],
            ],
            cancellationToken);
        var listeners = (long)replies![2]!;
        return new SendResult { Status = listeners > 0 ? 201 : 202 };
    }
}
