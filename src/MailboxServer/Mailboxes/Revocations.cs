using System.Collections.Frozen;

namespace Mailbox.Mailboxes;

/// <summary>A right that ends before its time: of one token, or of all that a caller was given until then.</summary>
/// <param name="Token">The token's id; null when it is about a caller.</param>
/// <param name="Caller">The caller; null when it is about a token.</param>
/// <param name="At">Tokens issued later are not meant.</param>
internal sealed record Revocation(string? Token, string? Caller, DateTimeOffset At);

/// <summary>The revocations that stand, as this node last read them.</summary>
internal sealed class Revocations
{
    private volatile State _state = new(FrozenSet<string>.Empty, FrozenDictionary<string, DateTimeOffset>.Empty);

    public void Become(IReadOnlyCollection<Revocation> revocations) => _state = new State(
        revocations.Where(one => one.Token is not null).Select(one => one.Token!).ToFrozenSet(StringComparer.Ordinal),
        revocations.Where(one => one.Caller is not null)
            .GroupBy(one => one.Caller!, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.Max(one => one.At), StringComparer.Ordinal));

    /// <summary>Whether this right is revoked. One of which nobody knows when it was given counts as given before.</summary>
    public bool Holds(Grant grant)
    {
        var state = _state;
        return grant.Tokens.Any(state.Tokens.Contains) ||
            (grant.Caller is { } caller && state.Callers.TryGetValue(caller, out var at) && (grant.Issued ?? DateTimeOffset.MinValue) <= at);
    }

    private sealed record State(FrozenSet<string> Tokens, FrozenDictionary<string, DateTimeOffset> Callers);
}
