namespace Mailbox.Client;

/// <summary>What a message carries beside its body.</summary>
public sealed record SendOptions
{
    /// <summary>1 to 256 printable ASCII characters; with a JSON type, receivers get a body that is JSON as a JSON value.</summary>
    public string? ContentType { get; init; }

    /// <summary>1 to 128 characters of <c>A-Z a-z 0-9 . _ ~ -</c>; the event's name on SSE.</summary>
    public string? Type { get; init; }

    /// <summary>1 to 32 characters of <c>A-Z a-z 0-9 _ -</c>: an unsent older message of the topic is replaced (RFC 8030 section 5.4).</summary>
    public string? Topic { get; init; }

    /// <summary>Whole seconds, rounded up; zero delivers only to a receiver that is present. The server lowers what is above its limit.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// 1 to 128 visible ASCII characters: within ten minutes, the same key with the same body does not deliver twice. Absent:
    /// a random one, so that the client's own retries are safe. Give your own when you may send the same message again yourself.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Rounded down, half a second would be the zero that stores nothing.</summary>
    internal long? Seconds => TimeToLive is { } life ? (long)Math.Ceiling(life.TotalSeconds) : null;

    internal string KeyOrRandom => IdempotencyKey ?? Guid.CreateVersion7().ToString("N");

    /// <summary>What no header can carry fails as if the network did, and would be tried again until the time is over.</summary>
    /// <exception cref="ArgumentException">A value that is not ASCII that can be seen.</exception>
    internal SendOptions Checked()
    {
        Check(ContentType?.Replace(' ', '_'), nameof(ContentType));
        Check(Type, nameof(Type));
        Check(Topic, nameof(Topic));
        Check(IdempotencyKey, nameof(IdempotencyKey));
        return this;
    }

    private static void Check(string? value, string name)
    {
        if (value.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException($"{nameof(SendOptions)}.{name} has visible ASCII characters only.");
        }
    }
}
