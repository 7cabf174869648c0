using Mailbox.Transports;
using Microsoft.Net.Http.Headers;

namespace Mailbox.Endpoints;

/// <summary>How a mailbox is opened.</summary>
internal enum OpenTransport
{
    Sse,
    WebSocket,
    Ndjson,
    LongPoll,
}

/// <summary>Chooses the transport (RFC 9110 section 12.5.1).</summary>
internal static class OpenTransports
{
    /// <summary>
    /// Null when nothing is acceptable. A browser's address bar asks for <c>text/html</c> first and for anything else too:
    /// a pasted link must not take the mailbox over, so it gets nothing.
    /// </summary>
    /// <exception cref="ProblemException">A WebSocket was wanted, and its handshake is not valid.</exception>
    public static OpenTransport? Of(HttpContext http)
    {
        if (http.WebSockets.IsWebSocketRequest)
        {
            return OpenTransport.WebSocket;
        }

        RefuseFailedHandshake(http);

        var accept = http.Request.Headers.Accept;
        if (accept.Count == 0)
        {
            return OpenTransport.Sse;
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var types))
        {
            return null;
        }

        var acceptable = types.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1).ToList();
        foreach (var type in acceptable)
        {
            switch (type.MediaType.Value?.ToLowerInvariant())
            {
                case SseTransport.ContentType:
                    return OpenTransport.Sse;
                case NdjsonTransport.ContentType:
                    return OpenTransport.Ndjson;
                case LongPollTransport.ContentType:
                    return OpenTransport.LongPoll;
            }
        }

        // A refusal by name beats a wildcard.
        var isRefused = types.Any(type => type.Quality is 0 &&
            type.MediaType.Equals(SseTransport.ContentType, StringComparison.OrdinalIgnoreCase));
        var isPage = acceptable.Exists(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
        var isAny = acceptable.Exists(type => type.MatchesAllTypes || type.MediaType.Equals("text/*", StringComparison.OrdinalIgnoreCase));
        return isAny && !isPage && !isRefused ? OpenTransport.Sse : null;
    }

    /// <summary>The word for it in figures.</summary>
    public static string NameOf(OpenTransport transport) => transport switch
    {
        OpenTransport.WebSocket => "websocket",
        OpenTransport.Ndjson => "ndjson",
        OpenTransport.LongPoll => "longpoll",
        _ => "sse",
    };

    /// <summary>
    /// Who asks for a WebSocket and gets the handshake wrong (RFC 6455 section 4.2), or sends a CONNECT for anything else,
    /// must not find itself on an event stream instead, with the mailbox taken over.
    /// </summary>
    private static void RefuseFailedHandshake(HttpContext http)
    {
        if (HttpMethods.IsConnect(http.Request.Method))
        {
            throw new ProblemException(Problem.MethodNotAllowed);
        }

        if (!http.Request.Headers.Upgrade.Any(value => value?.Contains("websocket", StringComparison.OrdinalIgnoreCase) ?? false))
        {
            return;
        }

        if (http.Request.Headers.SecWebSocketVersion != "13")
        {
            http.Response.Headers.SecWebSocketVersion = "13"; // section 4.4
            throw new ProblemException(Problem.InvalidHeader("Sec-WebSocket-Version", "13."));
        }

        throw new ProblemException(Problem.InvalidHeader(
            "Sec-WebSocket-Key", "A WebSocket's handshake: GET, Connection: Upgrade, and a key of 16 bytes in base64."));
    }
}
