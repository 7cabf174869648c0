using Mailbox.Access;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>GET /v1/open?m=a&amp;m=b</c>: opens several mailboxes and ties this one connection to them all. Each is opened as by itself, by
/// one receiver; what is about the connection, its rights and its end, is told once.
/// </summary>
internal sealed class OpenManyEndpoint(
    SessionOpener opener, SessionRegistry sessions, Node node, StreamPlaces places, CallerRates rates, MailboxOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept, Origin";
        if (OpenTransports.Of(http) is not { } kind || kind == OpenTransport.LongPoll)
        {
            await Problem.ManyNotAcceptable.WriteAsync(http);
            return;
        }

        var mailboxes = ManyQuery.MailboxesOf(http, kind);
        if (mailboxes.Select(mailbox => SystemMailboxes.AbsenceOf(mailbox, options)).FirstOrDefault(problem => problem is not null) is { } absence)
        {
            throw new ProblemException(absence);
        }

        var caller = Caller.Of(http);
        var (asked, known) = ManyQuery.Read(http, kind, mailboxes);
        if (caller.Ticket?.Admits(asked) == false)
        {
            throw new ProblemException(Problem.Unauthorized);
        }

        var who = Callers.Of(http);
        StreamShare? share = null;
        if ((Problem.OfNode(node) ?? rates.RefusalOfOpen(who, Math.Max(1, mailboxes.Count)) ??
            StreamShare.TryTake(places, who, Callers.AddressOf(http), mailboxes.Count, out share)) is { } refusal)
        {
            NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Refused);
            await OpenRefusal.WriteAsync(http, kind, refusal);
            return;
        }

        using (share)
        {
            await using var set = new SessionSet(
                sessions, caller.Grant, known,
                (mailbox, options, cancellation) => opener.OpenAsync(caller.Ticket, mailbox, options, cancellation)) { Left = share!.Remove };
            var rules = new LiveRules(share, () => rates.RefusalOfOpen(who), mailbox => SystemMailboxes.AbsenceOf(mailbox, options));
            await OpenAsync(http, kind, mailboxes, asked, set, new LiveList(caller, set, asked, rules));
        }
    }

    private async Task OpenAsync(
        HttpContext http, OpenTransport kind, IReadOnlyList<string> mailboxes, OpenOptions asked, SessionSet set, LiveList list)
    {
        bool isOpen;
        try
        {
            isOpen = await set.OpenAsync(mailboxes, asked, http.RequestAborted);
        }
        catch (StoreException exception)
        {
            NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Refused);
            await OpenRefusal.WriteAsync(http, kind, ProblemMiddleware.Of(exception));
            return;
        }

        NodeMetrics.Open(OpenTransports.NameOf(kind), isOpen ? NodeMetrics.Opened : NodeMetrics.Replaced);
        if (!isOpen)
        {
            await OpenRefusal.WriteReplacedAsync(http, kind);
            return;
        }

        NodeMetrics.Connection(OpenTransports.NameOf(kind), 1);
        try
        {
            await RunAsync(http, kind, set, list);
        }
        finally
        {
            NodeMetrics.Connection(OpenTransports.NameOf(kind), -1);
        }
    }

    private async Task RunAsync(HttpContext http, OpenTransport kind, SessionSet set, LiveList list)
    {
        await using var gone = http.RequestAborted.Register(
            static state => ((SessionSignal)state!).Raise(SessionReasons.Abort), set.Signal);
        try
        {
            await (kind switch
            {
                OpenTransport.WebSocket =>
                    new WebSocketTransport(options.Heartbeat, options.WriteDeadline).RunAsync(http, set, new ListFrames(set, list)),
                OpenTransport.Ndjson => new NdjsonTransport().RunAsync(http, set),
                _ => new SseTransport(asEnvelope: true).RunAsync(http, set),
            });
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; its messages stay.
        }
    }
}
