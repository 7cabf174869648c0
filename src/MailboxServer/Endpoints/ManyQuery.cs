using System.Globalization;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Reads what a client asks for when it opens several mailboxes on one connection.</summary>
internal static class ManyQuery
{
    /// <summary>Names one mailbox; it comes as often as there are mailboxes.</summary>
    public const string Parameter = "m";

    private static readonly string Expected = string.Create(
        CultureInfo.InvariantCulture, $"1 to {SessionSet.MostMailboxes} mailboxes, each once: m=a&m=b.");

    /// <summary>In the order of their names, so that the same list is the same however it is written. The caller may open each.</summary>
    public static IReadOnlyList<string> MailboxesOf(HttpContext http, OpenTransport kind)
    {
        var values = http.Request.Query[Parameter];
        if ((values.Count == 0 && kind != OpenTransport.WebSocket) || values.Count > SessionSet.MostMailboxes)
        {
            throw new ProblemException(Problem.InvalidParameter(Parameter, Expected));
        }

        foreach (var value in values)
        {
            RequestReader.Demand(http, value ?? "", Scope.Open);
        }

        var mailboxes = values.Select(value => value!).Order(StringComparer.Ordinal).ToList();
        return mailboxes.Distinct(StringComparer.Ordinal).Count() == mailboxes.Count
            ? mailboxes
            : throw new ProblemException(Problem.InvalidParameter(Parameter, Expected));
    }

    /// <summary>Places are null on a WebSocket, whose list changes: there each mailbox has a cursor of its own.</summary>
    public static (OpenOptions Asked, SessionPlaces? Places) Read(HttpContext http, OpenTransport kind, IReadOnlyList<string> mailboxes)
    {
        if (RequestReader.QueryOf(http, "format") is not (null or "envelope"))
        {
            throw new ProblemException(Problem.InvalidParameter("format", "envelope: messages of several mailboxes say whose they are."));
        }

        var asked = OpenQuery.ReadWithoutPlace(http, kind);
        if (asked.Receiver.IsNone || Caller.Of(http).Ticket is not null)
        {
            asked = asked with { Receiver = Identifier.Random() };
        }

        switch (OpenQuery.PlaceTextOf(http))
        {
            case null:
                return (asked, Begin());
            case "now":
                return (asked with { Start = StartAt.Now }, Begin());
            case var _ when kind == OpenTransport.WebSocket:
                throw new ProblemException(Problem.InvalidCursor(
                    "A WebSocket's list changes: open each mailbox with its own cursor, {\"open\":\"…\",\"after\":\"…\"}."));
            case var text:
                var places = Parse(text, mailboxes);
                return (asked with { Start = StartAt.Cursor, Cursor = places.CursorAt(0), Receiver = places.Receiver }, places);
        }

        SessionPlaces? Begin() => kind == OpenTransport.WebSocket ? null : SessionPlaces.Begin(mailboxes, asked.Receiver);
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
