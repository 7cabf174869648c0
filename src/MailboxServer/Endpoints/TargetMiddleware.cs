using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Endpoints;

/// <summary>
/// Looks at the raw request target and at the body's framing before routing does: the server decodes and folds the target,
/// so that <c>/v1/mailboxes/%2e%2e/messages</c> would reach <c>/v1/messages</c>, and <c>%2F</c> and <c>%252F</c> the same
/// name; and it takes a body that a proxy before it may have seen the end of elsewhere.
/// </summary>
internal sealed class TargetMiddleware(RequestDelegate next)
{
    private static readonly SearchValues<char> NotPlain = SearchValues.Create("%ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public Task InvokeAsync(HttpContext http)
    {
        // A target that has its endpoint already is none of ours to route: who took it has looked at it.
        if (http.GetEndpoint() is null && RefusalOfTarget(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is { } detail)
        {
            return Problem.InvalidTarget(detail).WriteAsync(http);
        }

        if (http.Request.Method.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            // Methods are case-sensitive (RFC 9110 section 9.1); routing would not mind.
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (!IsFramingPlain(http.Request))
        {
            if (!HttpProtocol.IsHttp2(http.Request.Protocol))
            {
                http.Response.Headers.Connection = "close";
            }

            return Problem.InvalidHeader("Transfer-Encoding", "'chunked' on HTTP/1.1 and no Content-Length, or none.").WriteAsync(http);
        }

        return next(http);
    }

    /// <summary>What is wrong with a target, in origin form or absolute form (RFC 9112 section 3.2); null when nothing is.</summary>
    internal static string? RefusalOfTarget(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        if (!path.StartsWith('/') && path.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0)
        {
            var end = path.IndexOf('/', scheme + 3);
            if ((end < 0 ? path : path[..end]).Contains('@', StringComparison.Ordinal))
            {
                return "A target names no user (RFC 9110 section 4.2.4).";
            }

            path = end < 0 ? "/" : path[end..];
        }

        return Refusal(path);
    }

    internal static string? Refusal(string path)
    {
        var segments = path.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (Decode(segments[i]) is not { } decoded)
            {
                return "A percent sign begins two hex digits.";
            }

            if (decoded.Length == 0 && i > 0 && path.Length > 1)
            {
                return "A path has no empty segments.";
            }

            if (decoded is "." or "..")
            {
                return "A path has no dot segments.";
            }

            if (decoded.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            {
                return "A path has only printable ASCII characters.";
            }

            if (decoded.AsSpan().ContainsAny('/', '\\'))
            {
                return "A path has no encoded slashes.";
            }

            if (decoded.Contains('%', StringComparison.Ordinal))
            {
                return "A path is encoded once.";
            }

            if (!IsPlain(segments[i], i))
            {
                return "A path is written in lower case and not encoded, but for the names in it.";
            }
        }

        return null;
    }

    /// <summary>
    /// Routing takes <c>/V1/%6dailboxes</c> for <c>/v1/mailboxes</c>; a proxy before this server, with a rule for that path,
    /// may not. Names stand third and fifth (<c>/v1/mailboxes/{mailbox}/messages/{id}</c>).
    /// </summary>
    private static bool IsPlain(string segment, int place) =>
        place is 3 or 5 || !segment.AsSpan().ContainsAny(NotPlain);

    /// <summary>
    /// Whether everyone before this server sees the same end of the body (RFC 9112 section 6.3). Beside chunks, Kestrel
    /// renames a Content-Length; under chunks it leaves any other coding in the body; and it takes the field where no such
    /// thing is (HTTP/1.0: section 6.1; HTTP/2: RFC 9113 section 8.2.2).
    /// </summary>
    private static bool IsFramingPlain(HttpRequest request) =>
        StringValues.IsNullOrEmpty(request.Headers.TransferEncoding) ||
        (string.Equals(request.Headers.TransferEncoding, "chunked", StringComparison.OrdinalIgnoreCase) &&
            HttpProtocol.IsHttp11(request.Protocol) &&
            !request.Headers.ContainsKey("Content-Length") && !request.Headers.ContainsKey("X-Content-Length"));

    /// <summary>Decodes %XX once, byte by byte; null when a percent sign does not begin two hex digits.</summary>
    private static string? Decode(string segment)
    {
        if (!segment.Contains('%', StringComparison.Ordinal))
        {
            return segment;
        }

        var decoded = new char[segment.Length];
        var length = 0;
        for (var from = 0; from < segment.Length; from++)
        {
            var c = segment[from];
            if (c == '%')
            {
                if (from + 2 >= segment.Length || !char.IsAsciiHexDigit(segment[from + 1]) || !char.IsAsciiHexDigit(segment[from + 2]))
                {
                    return null;
                }

                c = (char)Convert.ToByte(segment.Substring(from + 1, 2), 16);
                from += 2;
            }

            decoded[length++] = c;
        }

        return new string(decoded, 0, length);
    }
}
