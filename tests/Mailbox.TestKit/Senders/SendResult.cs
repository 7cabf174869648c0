using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>What a delivery was answered; a Redis reply is put in the terms of the REST answer.</summary>
public sealed record SendResult
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    public required int Status { get; init; }

    /// <summary>The message id. Null when it was not stored, and for a bare delivery, which is not told.</summary>
    public string? Id { get; init; }

    /// <summary><c>{mailbox,id,queued,connected,expires}</c> or problem details; null for a bare delivery.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Without regard to case. Redis doors have only <c>Idempotent-Replayed</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    public bool IsAccepted => Status is 201 or 202;
}
