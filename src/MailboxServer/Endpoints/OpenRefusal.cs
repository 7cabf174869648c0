using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// Refuses an open in the way of its transport. An EventSource never comes back after a status other than 200: a passing
/// refusal is told on a stream that ends, a final one by its status.
/// </summary>
internal static class OpenRefusal
{
    /// <summary>The same, where it is not yet known how the mailbox was to be opened, or whether this is an open at all.</summary>
    public static Task WriteAsync(HttpContext http, Problem problem)
    {
        var isOpen = http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: MailboxRoutes.Mailbox or MailboxRoutes.OpenMany } &&
            HttpMethods.IsGet(http.Request.Method);
        return WriteAsync(http, isOpen ? OpenTransports.Of(http) : null, problem);
    }

    public static Task WriteAsync(HttpContext http, OpenTransport? kind, Problem problem)
    {
        if (kind is not OpenTransport.Sse || !problem.IsPassing)
        {
            return problem.WriteAsync(http);
        }

        NodeMetrics.Refuse(problem.Reason);
        return SseTransport.RefuseAsync(http, problem.Status, problem.Reason);
    }

    /// <summary>This receiver was superseded and another is present: it must not come back.</summary>
    public static Task WriteReplacedAsync(HttpContext http, OpenTransport kind)
    {
        switch (kind)
        {
            case OpenTransport.Sse:
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case OpenTransport.WebSocket:
                return WebSocketTransport.RefuseReplacedAsync(http);
            default:
                return Problem.Replaced.WriteAsync(http);
        }
    }
}
