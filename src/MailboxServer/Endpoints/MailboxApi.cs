using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Transports;
using Microsoft.AspNetCore.OpenApi;

namespace Mailbox.Endpoints;

/// <summary>The calls of the HTTP interface, what each says of itself, and who answers it.</summary>
internal static class MailboxApi
{
    private const string MailboxFullOrStoreFull = "The mailbox, its tenant or Redis is full; nothing was stored.";

    internal static readonly (int, string) BadRequest = (400, "A name, parameter, header or body is not valid.");
    internal static readonly (int, string) Forbidden = (403, "Not the caller's to do, or the name is the system's own.");
    private static readonly (int, string) NoMailbox = (404, "There is no such mailbox.");
    private static readonly (int, string) NoMessage = (404, "There is no such message, or it has left.");
    internal static readonly (int, string) TooLarge = (413, "The body is over the limit.");
    internal static readonly (int, string) BadEncoding = (415, "A Content-Encoding that is not taken.");
    internal static readonly (int, string) TooSlow = (408, "The body came too slowly.");
    internal static readonly (int, string) TooFast = (429, "The caller is too fast; retry after the stated time.");
    internal static readonly (int, string) StoreAway = (503, "Redis does not answer; retry after the stated time.");

    public static void AddMailboxEndpoints(this IServiceCollection services)
    {
        services.AddSingleton<SessionOpener>();
        services.AddSingleton<OpenEndpoint>();
        services.AddSingleton<OpenManyEndpoint>();
        services.AddSingleton<OpenListEndpoint>();
        services.AddSingleton<DeliverEndpoint>();
        services.AddSingleton<ManyMailboxes>();
        services.AddSingleton<DeliverManyEndpoint>();
        services.AddSingleton<AckEndpoint>();
        services.AddSingleton<MessagesEndpoint>();
        services.AddSingleton<MailboxEndpoint>();
        services.AddSingleton<GroupEndpoint>();
        services.AddSingleton<GroupDeliverEndpoint>();
        services.AddSingleton<TicketEndpoint>();
        services.AddSingleton<CookieEndpoint>();
        services.AddSingleton<RevocationEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<MetricsEndpoint>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, MailboxJsonContext.Default));
        services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Mailbox";
            document.Info.Description = "A push server: deliver into a mailbox; its client gets it now, or when it comes back.";
            document.Servers?.Clear();
            return Task.CompletedTask;
        }));
    }

    public static void MapMailboxEndpoints(this WebApplication app)
    {
        var services = app.Services;
        var open = services.GetRequiredService<OpenEndpoint>();
        var openMany = services.GetRequiredService<OpenManyEndpoint>();
        var mailbox = services.GetRequiredService<MailboxEndpoint>();
        var messages = services.GetRequiredService<MessagesEndpoint>();
        var cookie = services.GetRequiredService<CookieEndpoint>();
        var health = services.GetRequiredService<HealthEndpoint>();
        var node = services.GetRequiredService<Node>();

        Map("GET", MailboxRoutes.Mailbox, "open", open.HandleAsync, Open());

        // A WebSocket comes as GET on HTTP/1.1 and as an extended CONNECT on HTTP/2 (RFC 8441).
        app.MapMethods(MailboxRoutes.Mailbox, ["CONNECT"], open.HandleAsync).WithMetadata(AccessMiddleware.Receivers);
        Map("GET", MailboxRoutes.OpenMany, "openMany", openMany.HandleAsync, OpenMany());
        app.MapMethods(MailboxRoutes.OpenMany, ["CONNECT"], openMany.HandleAsync).WithMetadata(AccessMiddleware.Receivers);
        Map("POST", MailboxRoutes.Opens, "keepList", services.GetRequiredService<OpenListEndpoint>().HandleAsync,
            new ApiDescription("Keep a list of mailboxes, to be opened on one connection: more than a URL can name.")
                .Takes<OpenListRequest>().Answers<OpenListAnswer>(201, "The list is kept for a minute, until it is opened.")
                .Refuses(BadRequest, Forbidden, (404, "There is no mailbox of events here."), TooSlow, TooLarge, BadEncoding, TooFast, StoreAway, (507, "Redis is full; there is no list.")));

        Map("POST", MailboxRoutes.Messages, "deliver", services.GetRequiredService<DeliverEndpoint>().HandleAsync, Deliver());
        Map("POST", MailboxRoutes.DeliverMany, "deliverMany", services.GetRequiredService<DeliverManyEndpoint>().HandleAsync,
            new ApiDescription("Deliver to many mailboxes; each succeeds or fails by itself.")
                .Takes<DeliverManyRequest>().TakesAnything(NdjsonTransport.ContentType)
                .Answers<DeliverManyResponse>(200, "One result for each mailbox, in the order of the request.")
                .Refuses(BadRequest, TooSlow, TooLarge, (415, "Neither JSON nor NDJSON, or a Content-Encoding that is not taken."), TooFast, (503, "The node holds as many bodies as it may.")));
        Map("POST", MailboxRoutes.Ack, "ack", services.GetRequiredService<AckEndpoint>().HandleAsync,
            new ApiDescription("Acknowledge everything up to a cursor.")
                .Takes<AckRequest>()
                .Answers(204, "Acknowledged, also when repeated.")
                .Refuses(BadRequest, Forbidden, TooSlow, (409, "Not the current receiver, never sent that far, or the position does not hold."), TooLarge,
                    BadEncoding, StoreAway));
        Map("GET", MailboxRoutes.Messages, "peek", messages.PeekAsync,
            new ApiDescription("Read without taking.")
                .Query("after", "A message id: only what comes after it.").Query("limit", "1 to 1000; default 100.")
                .Answers(200, "The messages, oldest first.", "application/json")
                .Refuses(BadRequest, Forbidden, NoMailbox, StoreAway));
        Map("GET", MailboxRoutes.Message, "readMessage", messages.GetAsync,
            new ApiDescription("Read one message's body, as it was delivered.")
                .Answers(200, "The body, with its own content type.", "*/*")
                .Refuses(BadRequest, Forbidden, NoMessage, StoreAway));
        Map("DELETE", MailboxRoutes.Message, "takeBack", messages.TakeBackAsync,
            new ApiDescription("Take one message back.")
                .Answers(204, "It has left.").Refuses(BadRequest, Forbidden, NoMessage, StoreAway));
        Map("PUT", MailboxRoutes.Mailbox, "create", mailbox.PutAsync,
            new ApiDescription("Create a mailbox with limits of its own, or change them.")
                .Takes<MailboxSettings>()
                .Answers<MailboxInfo>(201, "Created.").Answers<MailboxInfo>(200, "Changed.")
                .Refuses(BadRequest, Forbidden, TooSlow, TooLarge, BadEncoding, StoreAway, (507, "The tenant or Redis is full; nothing was stored.")));
        Map("GET", MailboxRoutes.Info, "info", mailbox.GetInfoAsync,
            new ApiDescription("The state of a mailbox.")
                .Answers<MailboxInfo>(200, "Its state.").Refuses(BadRequest, Forbidden, NoMailbox, StoreAway));
        Map("DELETE", MailboxRoutes.Mailbox, "remove", mailbox.RemoveAsync,
            new ApiDescription("Remove a mailbox with all it holds.")
                .Answers(204, "It is gone.").Refuses(BadRequest, Forbidden, StoreAway));
        Map("DELETE", MailboxRoutes.Receiver, "closeReceiver", mailbox.DismissAsync,
            new ApiDescription("Close the mailbox's receiver.")
                .Answers(204, "None is open.").Refuses(BadRequest, Forbidden, StoreAway));
        GroupApi.Map(services, Map);
        Map("POST", MailboxRoutes.Tickets, "ticket", services.GetRequiredService<TicketEndpoint>().HandleAsync,
            new ApiDescription("Get a ticket: it lets one client that can send no header open a mailbox.")
                .Takes<TicketRequest>().Answers<TicketAnswer>(201, "The ticket.")
                .Refuses(BadRequest, Forbidden, TooLarge, StoreAway, (507, "Redis is full; there is no ticket.")));
        Map("POST", MailboxRoutes.Cookie, "setCookie", cookie.SetAsync,
            new ApiDescription("Turn the token of the Authorization header into a cookie.")
                .Answers(204, "The cookie is set.").Refuses(BadRequest, Forbidden, (404, "There are no cookies here.")));
        Map("DELETE", MailboxRoutes.Cookie, "clearCookie", cookie.ClearAsync,
            new ApiDescription("Take the cookie away.", isForAll: true)
                .Answers(204, "It is gone.").Refuses(Forbidden, (404, "There are no cookies here.")));
        Map("POST", MailboxRoutes.Revocations, "revoke", services.GetRequiredService<RevocationEndpoint>().HandleAsync,
            new ApiDescription("End a token, a ticket, or all that a caller was given until now, before its time.")
                .Takes<RevocationRequest>().Answers(204, "It ends, on every node within seconds.")
                .Refuses(BadRequest, Forbidden, TooLarge, StoreAway, (507, "As many revocations stand as may, or Redis is full.")));
        Map("GET", MailboxRoutes.Mailboxes, "list", mailbox.ListAsync,
            new ApiDescription("List mailboxes.")
                .Query("prefix", "The beginning of the names.").Query("cursor", "From the page before.")
                .Answers<MailboxList>(200, "A page of names, in no order; a name may come twice.").Refuses(BadRequest, Forbidden, StoreAway));
        Map("GET", MailboxRoutes.Nodes, "nodes", health.NodesAsync,
            new ApiDescription("The nodes that are alive.").Answers<NodeList>(200, "The nodes.").Refuses(Forbidden, StoreAway));
        Map("GET", "/health/live", "live", HealthEndpoint.LiveAsync,
            new ApiDescription("Whether the process answers.", isForAll: true).Answers(200, "It does.", "application/json"));
        Map("GET", "/health/ready", "ready", health.ReadyAsync,
            new ApiDescription("Whether the node takes requests.", isForAll: true)
                .Answers(200, "It does; 'degraded' while Redis is away.", "application/json")
                .Answers(503, "Starting, draining, or its own wakes do not arrive.", "application/json"));
        Map("GET", "/info", "serverInfo", health.InfoAsync,
            new ApiDescription("What this node and its store are.").Answers<ServerInfo>(200, "The node and the store."));
        Map("GET", "/metrics", "metrics", services.GetRequiredService<MetricsEndpoint>().HandleAsync,
            new ApiDescription("What this node counts, for Prometheus.", services.GetRequiredService<AccessOptions>().OpenMetrics)
                .Answers(200, "Prometheus's text format, version 0.0.4.", "text/plain").Refuses(Forbidden));

        void Map(string method, string route, string name, RequestDelegate handler, ApiDescription description)
        {
            var call = app.MapMethods(route, [method], IsGated(route, name) ? OnceRead(handler) : handler)
                .WithName(name)
                .WithMetadata(handler.Method) // without it, a RequestDelegate does not appear in the document
                .AddOpenApiOperationTransformer(description.ApplyAsync);
            if (description.IsForAll)
            {
                call.AllowAnonymous();
            }
            else if (name is "open" or "openMany" or "ack")
            {
                call.WithMetadata(AccessMiddleware.Receivers);
            }
        }

        // What is in Redis may need a newer server: until that was looked at, nothing is written there.
        RequestDelegate OnceRead(RequestDelegate handler) => http => node.ReadsStore ? handler(http) : Problem.StoreUnread.WriteAsync(http);
    }

    /// <summary>An open is refused too, in the way of its transport.</summary>
    private static bool IsGated(string route, string name) => route.StartsWith(MailboxRoutes.Base, StringComparison.Ordinal) && name is not ("open" or "openMany");

    private static ApiDescription Open() =>
        new ApiDescription("Open a mailbox: server-sent events, NDJSON, one long-poll, or a WebSocket (subprotocol mailbox.v1).")
            .Query("after", "A cursor: only what comes after it; 'now': only what comes from now on. Default: from the oldest kept.")
            .Query("mode", "receiver (default) or shared: a watcher that moves nothing.")
            .Query("ack", "client: only an acknowledgement removes messages; none. Default: none, for a long-poll client.")
            .Query("window", "With ack=client: the most messages in flight, 1 to 1000; default 100.")
            .Query("receiver", "16 hex digits: the receiver's own identity, for an open without a cursor.")
            .Query("format", "Server-sent events: raw (default) or envelope.")
            .Query("wait", "Long-poll: seconds, 0 to 60; default 25.")
            .Query("limit", "Long-poll: the most messages, 1 to 1000; default 100.")
            .Query("ticket", "A ticket, for a client that can send no Authorization header.")
            .Header("Last-Event-ID", "A cursor; beats 'after'.")
            .Answers(200, "The stream, or the long-poll's answer.", SseTransport.ContentType)
            .Answers(200, "", NdjsonTransport.ContentType)
            .Answers(200, "", LongPollTransport.ContentType)
            .Answers(101, "A WebSocket.")
            .Answers(204, "Server-sent events: this receiver was replaced; do not come back.")
            .Refuses(BadRequest, Forbidden, (406, "Nothing that the Accept header allows."), (409, "This receiver was replaced."),
                (429, "The caller opens too fast, or holds as many streams as it may. Server-sent events get 200 and mailbox.unavailable instead."),
                (503, "Draining, or Redis does not answer. Server-sent events get 200 and mailbox.unavailable instead."),
                (507, "The tenant or Redis is full. Server-sent events get 200 and mailbox.unavailable instead."));

    private static ApiDescription OpenMany() =>
        new ApiDescription("Open several mailboxes on one connection: server-sent events, NDJSON or a WebSocket (subprotocol mailbox.v1).")
            .Query("m", "A mailbox; 1 to 100 times, each once. A WebSocket may come without and open its mailboxes later.")
            .Query("id", "Instead of 'm', 'after' and 'receiver': a list that was kept by POST /v1/opens.")
            .Query("after", "What came as the stream's id, or as 'places'; 'now': only what comes from now on. Default: from the oldest kept. A WebSocket takes 'now' alone.")
            .Query("mode", "receiver (default) or shared: a watcher that moves nothing.")
            .Query("ack", "client: only an acknowledgement removes messages; none (default).")
            .Query("window", "With ack=client: the most messages of each mailbox in flight, 1 to 1000; default 100.")
            .Query("receiver", "16 hex digits: the receiver's own identity, for an open without a cursor.")
            .Query("format", "envelope (default); there is no other.")
            .Query("ticket", "A ticket, for one mailbox and a client that can send no Authorization header.")
            .Header("Last-Event-ID", "What came as the stream's id; beats 'after'.")
            .Answers(200, "The stream.", SseTransport.ContentType)
            .Answers(200, "", NdjsonTransport.ContentType)
            .Answers(101, "A WebSocket.")
            .Answers(204, "Server-sent events: every mailbox was taken over; do not come back.")
            .Refuses((400, "A name, parameter or header is not valid, or the cursor is of another list."), Forbidden,
                (404, "There is no such list, or no mailbox of events here."), (406, "Nothing that the Accept header allows; a long-poll has one mailbox."),
                (409, "Every mailbox was taken over."),
                (429, "The caller opens too fast, or holds as many streams as it may. Server-sent events get 200 and mailbox.unavailable instead."),
                (503, "Draining, or Redis does not answer. Server-sent events get 200 and mailbox.unavailable instead."),
                (507, "The tenant or Redis is full. Server-sent events get 200 and mailbox.unavailable instead."));

    private static ApiDescription Deliver() =>
        new ApiDescription("Deliver the body, as it is, into a mailbox.")
            .Header(MailboxHeaders.Type, "The message's type: 1 to 128 of A-Z a-z 0-9 . _ ~ -.")
            .Header(MailboxHeaders.TimeToLive, "Seconds; 0: only if a receiver is present.")
            .Header(MailboxHeaders.Topic, "Replaces an unsent older message of the same topic.")
            .Header(MailboxHeaders.IdempotencyKey, "A retry with the same key does not deliver twice.")
            .TakesAnything()
            .Answers<DeliveryResult>(201, "Stored; a receiver is present.")
            .Answers<DeliveryResult>(202, "Stored, and waits; or, with a TTL of 0 and no receiver, not stored.")
            .Refuses(BadRequest, Forbidden, TooSlow, TooLarge, BadEncoding,
                (422, "The idempotency key came before with another body."), TooFast, StoreAway, (507, MailboxFullOrStoreFull));
}
