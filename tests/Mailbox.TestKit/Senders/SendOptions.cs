namespace Mailbox.TestKit;

/// <summary>What a delivery says beside its body. A bare delivery can say none of it.</summary>
public sealed record SendOptions
{
    public string? Type { get; init; }

    public string? ContentType { get; init; }

    /// <summary>Seconds.</summary>
    public long? Ttl { get; init; }

    public string? Topic { get; init; }

    public string? IdempotencyKey { get; init; }

    internal IEnumerable<(string Header, string Name, string Value)> Given() =>
        new (string Header, string Name, string? Value)[]
        {
            ("Content-Type", "contentType", ContentType),
            ("Mailbox-Type", "type", Type),
            ("TTL", "ttl", Ttl?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("Topic", "topic", Topic),
            ("Idempotency-Key", "idempotencyKey", IdempotencyKey),
        }
        .Where(option => option.Value is not null)
        .Select(option => (option.Header, option.Name, option.Value!));
}
