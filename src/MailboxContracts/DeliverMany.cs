using System.Text.Json;

namespace Mailbox.Contracts;

/// <summary>One message for many mailboxes.</summary>
public sealed record DeliverManyRequest
{
    /// <summary>The mailboxes; named twice means delivered once. At most 10,000 in one request.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The body: any JSON value, <c>null</c> too, delivered as <c>application/json</c>. A string is delivered as text.</summary>
    public JsonElement Data { get; init; }

    /// <summary>The body in base64, instead of <see cref="Data"/>.</summary>
    public string? DataBase64 { get; init; }

    /// <summary>The body's content type. Default: <c>application/json</c>, or <c>text/plain; charset=utf-8</c> for a string.</summary>
    public string? ContentType { get; init; }

    /// <summary>As the header <c>Mailbox-Type</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Seconds, as the header <c>TTL</c>.</summary>
    public long? Ttl { get; init; }

    /// <summary>As the header <c>Topic</c>.</summary>
    public string? Topic { get; init; }

    /// <summary>As the header <c>Idempotency-Key</c>; holds for each mailbox by itself.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>The answer to a delivery to many: one result for each mailbox, in the order of the request.</summary>
/// <param name="Results">The results.</param>
public sealed record DeliverManyResponse(IReadOnlyList<DeliverManyResult> Results);

/// <summary>What became of a message in one of many mailboxes.</summary>
public sealed record DeliverManyResult
{
    /// <summary>The mailbox, as it was named.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The status that a delivery to this mailbox alone would have had.</summary>
    public required int Status { get; init; }

    /// <summary>Names the message.</summary>
    public string? Id { get; init; }

    /// <summary>Whether it is stored.</summary>
    public bool Queued { get; init; }

    /// <summary>Whether a receiver was present.</summary>
    public bool Connected { get; init; }

    /// <summary>When the message is gone if nobody comes.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether this answers a repeated idempotency key.</summary>
    public bool? Replayed { get; init; }

    /// <summary>A problem's <c>type</c> when it was refused.</summary>
    public string? Type { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; init; }
}
