using Mailbox.Access;
using Mailbox.Mailboxes;
using Mailbox.Transports;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>GET /v1/open?m=a&amp;m=b</c>, or <c>?id=</c> of a list that was kept: opens several mailboxes and ties this one connection to them all.
/// Each is opened as by itself, by one receiver; what is about the connection, its rights and its end, is told once.
/// </summary>
internal sealed class OpenManyEndpoint(
    SessionOpener opener, SessionRegistry sessions, Node node, StreamPlaces places, CallerRates rates, IOpenLists lists, MailboxOptions options)
{
    private readonly ManyQuery _query = new(lists, options);

    public async Task HandleAsync(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept, Origin";
        if (OpenTransports.Of(http) is not { } kind || kind == OpenTransport.LongPoll)
        {
            await Problem.ManyNotAcceptable.WriteAsync(http);
            return;
        }

        var who = Callers.Of(http);
        if (ManyQuery.IsKept(http) && (Problem.OfNode(node) ?? rates.RefusalOfOpen(who)) is { } early)
        {
            await RefuseAsync(http, kind, early); // before the store is asked for a list, which there may not be
            return;
        }

        ManyOpening opening;
        try
        {
            opening = await _query.ReadAsync(http, kind);
        }
        catch (StoreException exception)
        {
            await RefuseAsync(http, kind, ProblemMiddleware.Of(exception));
            return;
        }

        var caller = Caller.Of(http);
        if (caller.Ticket?.Admits(opening.First) == false)
        {
            throw new ProblemException(Problem.Unauthorized);
        }

        var count = opening.Mailboxes.Count;
        StreamShare? share = null;
        if ((Problem.OfNode(node) ?? rates.RefusalOfOpen(who, Math.Max(1, count)) ??
            StreamShare.TryTake(places, who, Callers.AddressOf(http), count, out share)) is { } refusal)
        {
            await RefuseAsync(http, kind, refusal);
            return;
        }

        using (share)
        {
            await using var set = new SessionSet(
                sessions, caller.Grant, opening.Places,
                (mailbox, options, cancellation) => opener.OpenAsync(caller.Ticket, mailbox, options, cancellation)) { Left = share!.Remove };
            var rules = new LiveRules(share, () => rates.RefusalOfOpen(who), mailbox => SystemMailboxes.AbsenceOf(mailbox, options));
            await OpenAsync(http, kind, opening, set, new LiveList(caller, set, opening.Asked, rules));
        }
    }

    private static Task RefuseAsync(HttpContext http, OpenTransport kind, Problem refusal)
    {
        NodeMetrics.Open(OpenTransports.NameOf(kind), NodeMetrics.Refused);
        return OpenRefusal.WriteAsync(http, kind, refusal);
    }

    private async Task OpenAsync(HttpContext http, OpenTransport kind, ManyOpening opening, SessionSet set, LiveList list)
    {
        bool isOpen;
        try
        {
            isOpen = await set.OpenAsync(opening.Mailboxes, opening.Asked, http.RequestAborted);
        }
        catch (StoreException exception)
        {
            await RefuseAsync(http, kind, ProblemMiddleware.Of(exception));
            return;
        }

        if (opening.KeptAs is { } id)
        {
            await lists.ForgetAsync(id);
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
