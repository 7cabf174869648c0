namespace Mailbox.Proxy;

/// <summary>
/// The target of a request that may be a route's, as it came: it goes to the backend without having been decoded, so that
/// both see the same. What the two could read in different ways is refused.
/// </summary>
internal static class ForwardedTarget
{
    /// <summary>The server's own paths; what lies below them is never forwarded.</summary>
    private static readonly string[] Reserved = ["v1", "health", "metrics", "openapi", "info", "console", "demos", "mailbox.js"];

    /// <summary>The path and the query of a target in origin form or absolute form (RFC 9112 section 3.2); empty for any other.</summary>
    public static string PathAndQueryOf(string target)
    {
        if (target.StartsWith('/'))
        {
            return target;
        }

        var authority = target.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
        return path < 0 || target.AsSpan(authority + 3, path - authority - 3).ContainsAny('@', '?', '#') ? "" : target[path..];
    }

    public static ReadOnlySpan<char> PathOf(string pathAndQuery) =>
        pathAndQuery.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? pathAndQuery.AsSpan(0, query) : pathAndQuery;

    /// <summary>Whether a path is the server's own, however it is written.</summary>
    public static bool IsReserved(ReadOnlySpan<char> path)
    {
        var first = path[1..];
        first = first.IndexOf('/') is >= 0 and var end ? first[..end] : first;
        return Reserved.Contains(Uri.UnescapeDataString(first), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public static string? RefusalOf(string pathAndQuery)
    {
        if (pathAndQuery.AsSpan().ContainsAnyExceptInRange('!', '~') || pathAndQuery.Contains('#', StringComparison.Ordinal))
        {
            return "A target has only printable ASCII characters, and no fragment.";
        }

        var path = PathOf(pathAndQuery);
        for (var at = path.IndexOf('%'); at >= 0; at = path[(at + 1)..].IndexOf('%') is >= 0 and var next ? at + 1 + next : -1)
        {
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
            {
                return "A percent sign begins two hex digits.";
            }
        }

        var decoded = Uri.UnescapeDataString(path);
        if (decoded.AsSpan().ContainsAnyInRange('\0', '\x1F') || decoded.Contains('\x7F', StringComparison.Ordinal))
        {
            return "A path has no control characters.";
        }

        // One backend takes an encoded slash for a slash, and another a backslash; a third decodes twice.
        for (var times = 0; times < 2; times++)
        {
            if (decoded.Split('/', '\\').Any(segment => segment is "." or ".."))
            {
                return "A path has no dot segments.";
            }

            decoded = Uri.UnescapeDataString(decoded);
        }

        return null;
    }
}
