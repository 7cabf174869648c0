using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mailbox.Mailboxes;

namespace Mailbox.Redis;

/// <summary>
/// An entry of a group's outbox: an envelope as in a mailbox (see <see cref="EntryDecoder"/>), with <c>ttl</c> in seconds as it
/// was asked for, <c>results</c> when each member's result is kept, and <c>key</c>, the sender's idempotency key. Anyone may write there.
/// </summary>
internal static class GroupEntry
{
    private const long MaxTime = 253_402_300_799_999;

    /// <summary>Null for what is no message.</summary>
    public static GroupMessage? Decode(string group, byte[] entry, int maxBody)
    {
        var end = Array.IndexOf(entry, (byte)'\n');
        if (end < 1 || entry.Length - end - 1 > maxBody)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(entry.AsMemory(1, end - 1));
            var header = json.RootElement;
            var (type, topic, contentType) = (TextOf("type"), TextOf("topic"), TextOf("contentType"));
            var isMessage = (type is null || MessageRules.IsType(type)) && (topic is null || MessageRules.IsTopic(topic)) &&
                (contentType is null || MessageRules.IsContentType(contentType)) && NumberOf("time") is >= 0 and <= MaxTime;
            return !isMessage ? null : new GroupMessage
            {
                Time = DateTimeOffset.FromUnixTimeMilliseconds(NumberOf("time")!.Value),
                KeepsResults = header.TryGetProperty("results", out var results) && results.ValueKind == JsonValueKind.True,
                Delivery = new Delivery
                {
                    Body = entry.AsMemory(end + 1).ToArray(),
                    Type = type,
                    Topic = topic,
                    ContentType = contentType,
                    TimeToLive = NumberOf("ttl"),
                    IdempotencyKey = "~group:" + (TextOf("key") is { } key ? HashOf(group, key) : TextOf("nonce")),
                },
            };

            string? TextOf(string name) => header.TryGetProperty(name, out var value) ? value.GetString() : null;
            long? NumberOf(string name) => header.TryGetProperty(name, out var value) ? value.GetInt64() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>
    /// The sender's key for each member: a failover may lose the outbox and not what members have got from it, and then the
    /// sender's retry has another id.
    /// </summary>
    private static string HashOf(string group, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}\n{key}")))[..32];
}
