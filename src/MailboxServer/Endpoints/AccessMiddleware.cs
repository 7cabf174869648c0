using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Endpoints;

/// <summary>
/// Before any call is read: who calls, and from which page. What the caller may do there, each endpoint asks as it learns of the
/// mailbox (<see cref="RequestReader.MailboxOf"/>); a call that was not looked at here has no caller, and fails.
/// </summary>
internal sealed class AccessMiddleware(RequestDelegate next, Authenticator authenticator, Origins origins)
{
    /// <summary>Marks the endpoints of a receiver, which a ticket admits to.</summary>
    public static readonly object Receivers = new ReceiversMark();

    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            ? next(http)
            : LookAsync(http, endpoint.Metadata.GetMetadata<ReceiversMark>() is not null);

    private async Task LookAsync(HttpContext http, bool isReceivers)
    {
        Caller? caller;
        try
        {
            caller = await authenticator.AuthenticateAsync(http, isReceivers ? MailboxesOf(http) : (StringValues?)null);
        }
        catch (Exception exception) when (exception is StoreException or AuthorityException)
        {
            await OpenRefusal.WriteAsync(http, exception is StoreException store ? ProblemMiddleware.Of(store) : Problem.AuthorityUnavailable);
            return;
        }

        if (caller is null)
        {
            await Problem.Unauthorized.WriteAsync(http);
            return;
        }

        // A WebSocket's handshake is free to come from any page, and so is what a browser proves by itself (RFC 6455 section 10.2).
        // Every browser names the page of a request that changes something: with a cookie, one that names none is nobody's.
        var mustSay = caller is { IsAmbient: true, Id: not null } && !HttpMethods.IsGet(http.Request.Method) && !http.WebSockets.IsWebSocketRequest;
        if ((caller.IsAmbient || http.WebSockets.IsWebSocketRequest) && origins.IsForeign(http, mustSay))
        {
            await Problem.ForeignOrigin.WriteAsync(http);
            return;
        }

        http.User = caller;
        await next(http);
    }

    private static StringValues MailboxesOf(HttpContext http) =>
        http.Request.RouteValues["mailbox"] is string mailbox ? mailbox : http.Request.Query[ManyQuery.Mailbox];

    private sealed class ReceiversMark;
}
