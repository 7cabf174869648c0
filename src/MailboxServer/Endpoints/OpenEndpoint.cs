using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>GET /v1/mailboxes/{mailbox}</c>: opens the mailbox and ties this connection to it. The transport comes from the
/// request; what it carries is the same session for all.
/// </summary>
internal sealed class OpenEndpoint(
    IMailboxStore store, IWakeSource wakes, SessionRegistry sessions, Node node, MailboxOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept, Origin";
        var mailbox = RequestReader.MailboxOf(http);
        if (OpenTransports.Of(http) is not { } kind)
        {
            await Problem.NotAcceptable.WriteAsync(http);
            return;
        }

        var asked = OpenQuery.Read(http, kind);
        var transport = TransportOf(kind, http);
        if (Refusal() is { } refusal)
        {
            await RefuseAsync(http, kind, refusal);
            return;
        }

        Session? session;
        try
        {
            session = await Session.OpenAsync(mailbox, asked, store, wakes, sessions, http.RequestAborted);
        }
        catch (StoreException exception)
        {
            await RefuseAsync(http, kind, ProblemMiddleware.Of(exception));
            return;
        }

        if (session is null)
        {
            await RefuseReplacedAsync(http, kind);
            return;
        }

        await using (session)
        {
            await RunAsync(http, transport, session);
        }
    }

    private static async Task RunAsync(HttpContext http, ITransport transport, Session session)
    {
        await using var gone = http.RequestAborted.Register(
            static state => ((SessionSignal)state!).Raise(SessionReasons.Abort), session.Signal);
        try
        {
            if (await transport.RunAsync(http, session) == SessionEventKind.Replaced && !http.Response.HasStarted)
            {
                await Problem.Replaced.WriteAsync(http); // a long-poll has said nothing yet
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; its messages stay.
        }
    }

    private ITransport TransportOf(OpenTransport kind, HttpContext http) => kind switch
    {
        OpenTransport.WebSocket => new WebSocketTransport(options.Heartbeat, options.WriteDeadline),
        OpenTransport.Ndjson => new NdjsonTransport(),
        OpenTransport.LongPoll => new LongPollTransport(OpenQuery.WaitOf(http)),
        _ => new SseTransport(OpenQuery.IsEnvelope(http)),
    };

    /// <summary>Why this node takes no further stream now.</summary>
    private Problem? Refusal() =>
        !node.ReadsStore ? Problem.StoreUnread
        : node.State == NodeState.Draining ? Problem.Draining
        : sessions.Count >= options.MaxConnections ? Problem.TooManyConnections
        : null;

    /// <summary>A passing refusal: an EventSource would never come back after its status, so it gets 200 and the reason.</summary>
    private static Task RefuseAsync(HttpContext http, OpenTransport kind, Problem problem) =>
        kind == OpenTransport.Sse && problem.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage
            ? SseTransport.RefuseAsync(http, problem.Status, problem.Reason)
            : problem.WriteAsync(http);

    /// <summary>A final one: this receiver was superseded and another is present.</summary>
    private static Task RefuseReplacedAsync(HttpContext http, OpenTransport kind)
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
