using Microsoft.Extensions.Primitives;

namespace Mailbox.Access;

/// <summary>
/// Which pages may call (RFC 6454; <c>Origin</c> as RFC 9110's neighbour WHATWG Fetch, section 3.2, sends it): those of the
/// server's own origin and those that are listed, compared as they stand. Whether its own is http or https the server does not
/// know, as a proxy may have ended TLS before it; the browser does, and says so (Fetch Metadata).
/// </summary>
internal sealed class Origins(AccessOptions options)
{
    private readonly HashSet<string> _allowed = new(options.Origins, StringComparer.Ordinal);

    /// <summary>Whether a page of another origin, or of none that has a name, sends this request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="mustSay">Whether one that says nothing of its page counts as foreign too.</param>
    public bool IsForeign(HttpContext http, bool mustSay = false)
    {
        var origin = http.Request.Headers.Origin;
        var site = http.Request.Headers["Sec-Fetch-Site"];
        if (origin.Count == 0)
        {
            // A plain GET has no Origin.
            return site.Count == 0 ? mustSay : site != "same-origin" && site != "none";
        }

        return origin is not [{ } text] || !(_allowed.Contains(text) || (IsOwn(text, http.Request) && IsOfOwnScheme(http, site)));
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        request.Host.Value is { Length: > 0 } host &&
        (string.Equals(origin, "https://" + host, StringComparison.OrdinalIgnoreCase) ||
            (!request.IsHttps && string.Equals(origin, "http://" + host, StringComparison.OrdinalIgnoreCase)));

    /// <summary>What browsers say of a WebSocket's site they do not agree on.</summary>
    private static bool IsOfOwnScheme(HttpContext http, StringValues site) =>
        site.Count == 0 || site == "same-origin" || http.WebSockets.IsWebSocketRequest;
}
