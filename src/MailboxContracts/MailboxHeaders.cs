namespace Mailbox.Contracts;

/// <summary>HTTP headers of a delivery and of its answer.</summary>
public static class MailboxHeaders
{
    /// <summary>The message's type, <c>[A-Za-z0-9._~-]{1,128}</c>; becomes the event's name on SSE.</summary>
    public const string Type = "Mailbox-Type";

    /// <summary>Seconds that the message lives (RFC 8030 section 5.2); 0 delivers only to a receiver that is present.</summary>
    public const string TimeToLive = "TTL";

    /// <summary>An unsent older message of the same topic is replaced (RFC 8030 section 5.4).</summary>
    public const string Topic = "Topic";

    /// <summary>A retry that carries the same key does not deliver twice. Kept for ten minutes.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary><c>true</c> on the answer to a repeated <see cref="IdempotencyKey"/>.</summary>
    public const string IdempotentReplayed = "Idempotent-Replayed";

    /// <summary>On a backend's answer to a forwarded request: the mailboxes that it goes to, separated by commas.</summary>
    public const string Deliver = "Mailbox-Deliver";

    /// <summary>On a backend's answer to a forwarded request: the group that it goes to.</summary>
    public const string DeliverGroup = "Mailbox-Deliver-Group";

    /// <summary>Beside <see cref="Deliver"/>: <c>lines</c> or <c>sse</c>, when the answer's body is many messages.</summary>
    public const string Split = "Mailbox-Split";

    /// <summary>Beside <see cref="Deliver"/>, what the caller gets: <c>results</c>, <c>pass</c> or <c>empty</c>.</summary>
    public const string Response = "Mailbox-Response";

    /// <summary>On a request that was forwarded to a backend: a signed token that says who calls.</summary>
    public const string Caller = "Mailbox-Caller";
}
