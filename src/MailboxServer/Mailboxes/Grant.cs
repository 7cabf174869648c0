namespace Mailbox.Mailboxes;

/// <summary>What a caller's right to be here rests on: until when it lasts, and by what it can be revoked before.</summary>
/// <param name="Caller">Who it was given to; null for everybody.</param>
/// <param name="Tokens">The id of the token (<c>jti</c>), and of the ticket, that it came by.</param>
/// <param name="Issued">When it was given; null when that is not known.</param>
/// <param name="Until">When it ends, the allowed skew of clocks included.</param>
internal sealed record Grant(string? Caller, IReadOnlyList<string> Tokens, DateTimeOffset? Issued, DateTimeOffset Until)
{
    public static Grant Everybody { get; } = new(null, [], null, DateTimeOffset.MaxValue);
}
