using Mailbox.Access;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>GET /v1/mailboxes/{mailbox}</c>: opens the mailbox and ties this connection to it. The transport comes from the
/// request; what it carries is the same session for all.
/// </summary>
internal sealed class OpenEndpoint(
    SessionOpener opener, Node node, StreamPlaces places, CallerRates rates, MailboxOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept, Origin";
        var mailbox = RequestReader.MailboxOf(http, Scope.Open);
        if (SystemMailboxes.AbsenceOf(mailbox, options) is { } absence)
        {
            throw new ProblemException(absence);
        }

        if (OpenTransports.Of(http) is not { } kind)
        {
            await Problem.NotAcceptable.WriteAsync(http);
            return;
        }

        var caller = Caller.Of(http);
        var asked = OpenQuery.Read(http, kind) with { Grant = caller.Grant, Transport = OpenTransports.NameOf(kind) };
        if (caller.Ticket is not null)
        {
            // One that the URL names would stand in others' logs beside the ticket, and be enough to come back as it.
            asked = asked with { Receiver = default };
        }

        if (caller.Ticket?.Admits(asked) == false)
        {
            throw new ProblemException(Problem.Unauthorized);
        }

        var transport = TransportOf(kind, http);
        var (who, address) = (Callers.Of(http), Callers.AddressOf(http));
        if ((Problem.OfNode(node) ?? rates.RefusalOfOpen(who) ?? places.TryTake(who, address)) is { } refusal)
        {
            NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Refused);
            await OpenRefusal.WriteAsync(http, kind, refusal);
            return;
        }

        try
        {
            await OpenAsync(http, mailbox, kind, transport, asked);
        }
        finally
        {
            places.Leave(who, address);
        }
    }

    private async Task OpenAsync(HttpContext http, string mailbox, OpenTransport kind, ITransport<Session> transport, OpenOptions asked)
    {
        Session? session;
        try
        {
            session = await opener.OpenAsync(Caller.Of(http).Ticket, mailbox, asked, http.RequestAborted);
        }
        catch (StoreException exception)
        {
            NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Refused);
            await OpenRefusal.WriteAsync(http, kind, ProblemMiddleware.Of(exception));
            return;
        }

        if (session is null)
        {
            NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Replaced);
            await OpenRefusal.WriteReplacedAsync(http, kind);
            return;
        }

        NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Opened);
        NodeMetrics.Connection(OpenTransports.NameOf(kind), 1);
        try
        {
            await using (session)
            {
                await RunAsync(http, transport, session);
            }
        }
        finally
        {
            NodeMetrics.Connection(OpenTransports.NameOf(kind), -1);
        }
    }

    private static async Task RunAsync(HttpContext http, ITransport<Session> transport, Session session)
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

    private ITransport<Session> TransportOf(OpenTransport kind, HttpContext http) => kind switch
    {
        OpenTransport.WebSocket => new WebSocketTransport(options.Heartbeat, options.WriteDeadline),
        OpenTransport.Ndjson => new NdjsonTransport(),
        OpenTransport.LongPoll => new LongPollTransport(OpenQuery.WaitOf(http)),
        _ => new SseTransport(OpenQuery.IsEnvelope(http)),
    };
}
