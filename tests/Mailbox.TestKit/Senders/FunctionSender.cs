using System.Globalization;
using System.Text.Json;
using Mailbox.Contracts;

namespace Mailbox.TestKit;

/// <summary>
/// Delivers with <c>FCALL mailbox_deliver</c>. Reply: outcome, generation, sequence, present (0/1), expires (ms since 1970),
/// seconds it was given; see function.lua.
/// </summary>
internal sealed class FunctionSender(IRedis redis, string keyPrefix)
    : RedisSender(TransportDoor.Function, redis, keyPrefix)
{
    public override async Task<SendResult> SendAsync(
        string mailbox, byte[] body, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        object[] call =
        [
            "FCALL", "mailbox_deliver", 3, HashOf(mailbox), ListOf(mailbox), IndexOf(mailbox), body,
            .. (options?.Given() ?? []).SelectMany(option => new object[] { option.Name, option.Value }),
        ];
        try
        {
            return ResultOf(mailbox, (object?[])(await ExecuteAsync(mailbox, [call], cancellationToken))!);
        }
        catch (RedisErrorException error) when (error.Code == "MAILBOX")
        {
            return new SendResult { Status = 400, Body = JsonSerializer.SerializeToElement(new { detail = error.Message }) };
        }
    }

    private static SendResult ResultOf(string mailbox, object?[] reply)
    {
        var isPresent = (long)reply[3]! == 1;
        return RedisCli.TextOf(reply[0]) switch
        {
            "stored" => Stored(mailbox, reply, isPresent, []),
            "replayed" => Stored(
                mailbox,
                reply,
                isPresent,
                new(StringComparer.OrdinalIgnoreCase) { [MailboxHeaders.IdempotentReplayed] = "true" }),
            "absent" => new SendResult { Status = 202, Body = BodyOf(mailbox, null, isPresent, null) },
            "full" => new SendResult { Status = 507 },
            "conflict" => new SendResult { Status = 422 },
            var outcome => throw new FormatException($"An outcome that nobody knows: {outcome}"),
        };
    }

    private static SendResult Stored(string mailbox, object?[] reply, bool isPresent, Dictionary<string, string> headers)
    {
        var id = $"{RedisCli.TextOf(reply[1])}-{((long)reply[2]!).ToString(CultureInfo.InvariantCulture)}";
        return new SendResult
        {
            Status = isPresent ? 201 : 202,
            Id = id,
            Body = BodyOf(mailbox, id, isPresent, DateTimeOffset.FromUnixTimeMilliseconds((long)reply[4]!)),
            Headers = headers,
        };
    }

    private static JsonElement BodyOf(string mailbox, string? id, bool isPresent, DateTimeOffset? expires) =>
        JsonSerializer.SerializeToElement(
            new DeliveryResult(mailbox, id, Queued: id is not null, isPresent, expires),
            MailboxJsonContext.Default.DeliveryResult);
}
