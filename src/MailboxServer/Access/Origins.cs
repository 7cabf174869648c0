namespace Mailbox.Access;

/// <summary>
/// Which pages may call (RFC 6454; <c>Origin</c> as RFC 9110's neighbour WHATWG Fetch, section 3.2, sends it): those of the
/// server's own origin and those that are listed, compared as they stand. A scheme is not compared with the server's own, which a
/// proxy may have ended TLS for.
/// </summary>
internal sealed class Origins(AccessOptions options)
{
    private readonly HashSet<string> _allowed = new(options.Origins, StringComparer.Ordinal);

    /// <summary>Whether a page of another origin, or of none that has a name, sends this request.</summary>
    public bool IsForeign(HttpContext http)
    {
        var origin = http.Request.Headers.Origin;
        if (origin.Count == 0)
        {
            // No Origin on a plain GET: a browser that says where it comes from at all says it here (Fetch Metadata).
            return http.Request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin" && site != "none";
        }

        return origin is not [{ } text] || !(_allowed.Contains(text) || IsOwn(text, http.Request.Host.Value));
    }

    private static bool IsOwn(string origin, string? host) =>
        !string.IsNullOrEmpty(host) &&
        (string.Equals(origin, "https://" + host, StringComparison.OrdinalIgnoreCase) ||
            string.Equals(origin, "http://" + host, StringComparison.OrdinalIgnoreCase));
}
