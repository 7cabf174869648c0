using System.Globalization;
using Mailbox.Access;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Reads what a client asks for when it opens several mailboxes on one connection.</summary>
internal sealed class ManyQuery(IOpenLists lists, MailboxOptions options)
{
    /// <summary>Names one mailbox; it comes as often as there are mailboxes.</summary>
    public const string Mailbox = "m";

    /// <summary>Names a list that was kept.</summary>
    public const string Id = "id";

    public const int IdLength = 32;

    private static readonly string Expected = string.Create(
        CultureInfo.InvariantCulture, $"1 to {SessionPlaces.MostMailboxes} mailboxes, each once: m=a&m=b. More by POST /v1/opens.");

    /// <summary>A list that was kept is asked for, which the store has to be asked for.</summary>
    public static bool IsKept(HttpContext http) => http.Request.Query.ContainsKey(Id);

    /// <summary>The caller may open every mailbox that is answered.</summary>
    /// <exception cref="ProblemException">It may not, or asks for what there is not.</exception>
    /// <exception cref="StoreException">The store does not answer where the list is kept.</exception>
    public async ValueTask<ManyOpening> ReadAsync(HttpContext http, OpenTransport kind)
    {
        if (RequestReader.QueryOf(http, "format") is not (null or "envelope"))
        {
            throw new ProblemException(Problem.InvalidParameter("format", "envelope: messages of several mailboxes say whose they are."));
        }

        return RequestReader.QueryOf(http, Id) is { } id ? await FindAsync(http, kind, id) : Read(http, kind);
    }

    private async ValueTask<ManyOpening> FindAsync(HttpContext http, OpenTransport kind, string id)
    {
        if (http.Request.Query.ContainsKey(Mailbox) || http.Request.Query.ContainsKey("receiver") || OpenQuery.PlaceTextOf(http) is not null)
        {
            throw new ProblemException(Problem.InvalidParameter(Id, "The list that was kept says which mailboxes, whose and where: m, receiver and a cursor do not go with it."));
        }

        var isId = id.Length == IdLength && id.All(char.IsAsciiHexDigitLower);
        var list = (isId ? await lists.FindAsync(id, http.RequestAborted) : null) ?? throw new ProblemException(Problem.ListNotFound);
        foreach (var mailbox in list.Mailboxes)
        {
            SystemMailboxes.DemandOpen(http, mailbox.Name, options);
        }

        var asked = OpenQuery.ReadWithoutPlace(http, kind) with { Receiver = list.Receiver };
        return new ManyOpening(list.Mailboxes, asked, Places: null, id);
    }

    private ManyOpening Read(HttpContext http, OpenTransport kind)
    {
        var names = NamesOf(http, kind);
        var asked = OpenQuery.ReadWithoutPlace(http, kind);
        if (asked.Receiver.IsNone || Caller.Of(http).Ticket is not null)
        {
            asked = asked with { Receiver = Identifier.Random() };
        }

        switch (OpenQuery.PlaceTextOf(http))
        {
            case null:
                return Begin(StartAt.Oldest);
            case Beginning.Now:
                return Begin(StartAt.Now);
            case var _ when kind == OpenTransport.WebSocket:
                throw new ProblemException(Problem.InvalidCursor(
                    "A WebSocket's list changes: open each mailbox with its own cursor, {\"open\":\"…\",\"after\":\"…\"}."));
            case var text:
                var places = Parse(text, names);
                return new ManyOpening(
                    [.. names.Select((name, i) => new ListedMailbox(name, StartAt.Cursor, places.CursorAt(i)))],
                    asked with { Receiver = places.Receiver },
                    places);
        }

        ManyOpening Begin(StartAt start) => new(
            [.. names.Select(name => new ListedMailbox(name, start))],
            asked,
            kind == OpenTransport.WebSocket ? null : SessionPlaces.Begin(names, asked.Receiver));
    }

    private List<string> NamesOf(HttpContext http, OpenTransport kind)
    {
        var values = http.Request.Query[Mailbox];
        if ((values.Count == 0 && kind != OpenTransport.WebSocket) || values.Count > SessionPlaces.MostMailboxes)
        {
            throw new ProblemException(Problem.InvalidParameter(Mailbox, Expected));
        }

        foreach (var value in values)
        {
            SystemMailboxes.DemandOpen(http, value ?? "", options);
        }

        var names = values.Select(value => value!).Order(StringComparer.Ordinal).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count
            ? names
            : throw new ProblemException(Problem.InvalidParameter(Mailbox, Expected));
    }

    private static SessionPlaces Parse(string text, IReadOnlyList<string> mailboxes) => SessionPlaces.TryParse(text, mailboxes, out var places) switch
    {
        PlacesFault.None => places!,
        PlacesFault.OtherList => throw new ProblemException(Problem.CursorOfAnotherList),
        _ => throw new ProblemException(Problem.InvalidCursor(
            Cursor.TryParse(text, out _)
                ? "This is a cursor of one mailbox. Several are resumed by the stream's id, or by 'places'."
                : "The cursor of several mailboxes is the stream's id, or 'places', unchanged.")),
    };
}
