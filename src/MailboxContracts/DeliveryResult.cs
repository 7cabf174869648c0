namespace Mailbox.Contracts;

/// <summary>The answer to a delivery.</summary>
/// <param name="Mailbox">Where it was delivered.</param>
/// <param name="Id">Names the message: <c>generation-sequence</c>. Absent when it was not stored.</param>
/// <param name="Queued">Whether it is stored. False only for a TTL of 0 with no receiver present.</param>
/// <param name="Connected">Whether a receiver was present. A hint: it may leave before it reads.</param>
/// <param name="Expires">When the message is gone if nobody comes. Absent when it was not stored.</param>
public sealed record DeliveryResult(
    string Mailbox, string? Id, bool Queued, bool Connected, DateTimeOffset? Expires);
