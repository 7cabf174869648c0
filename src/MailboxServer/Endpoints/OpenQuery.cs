using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>Reads what a client asks for when it opens: query parameters, and the place it comes back with.</summary>
internal static class OpenQuery
{
    public const int DefaultWait = 25;
    public const int MaxWait = 60;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static OpenOptions Read(HttpContext http, OpenTransport transport)
    {
        var (start, cursor) = BeginningOf(PlaceTextOf(http));
        return ReadWithoutPlace(http, transport) with { Start = start, Cursor = cursor };
    }

    /// <summary>All but where it begins.</summary>
    public static OpenOptions ReadWithoutPlace(HttpContext http, OpenTransport transport)
    {
        var isShared = ModeOf(http);
        var receiver = default(Identifier);
        if (RequestReader.QueryOf(http, "receiver") is { } text && (!Identifier.TryParse(text, out receiver) || receiver.IsNone))
        {
            throw new ProblemException(Problem.InvalidParameter("receiver", "16 lower-case hex digits, not all zero."));
        }

        // A poll's limit is its window, unless a smaller one is asked for.
        var limit = transport == OpenTransport.LongPoll ? RequestReader.NumberOf(http, "limit", 1, MaxLimit, DefaultLimit) : DefaultLimit;
        return new OpenOptions
        {
            IsShared = isShared,
            Ack = AckOf(http, transport, isShared),
            Window = RequestReader.NumberOf(http, "window", 1, OpenOptions.MaxWindow, Math.Max(limit, OpenOptions.DefaultWindow)),
            Receiver = receiver,
            IsPoll = transport == OpenTransport.LongPoll,
            MaxBatch = limit,
        };
    }

    public static TimeSpan WaitOf(HttpContext http) =>
        TimeSpan.FromSeconds(RequestReader.NumberOf(http, "wait", 0, MaxWait, DefaultWait));

    public static bool IsEnvelope(HttpContext http) => RequestReader.QueryOf(http, "format") switch
    {
        null or "raw" => false,
        "envelope" => true,
        _ => throw new ProblemException(Problem.InvalidParameter("format", "raw or envelope.")),
    };

    /// <exception cref="ProblemException">It is none.</exception>
    public static Cursor ParseCursor(string text) => Cursor.TryParse(text, out var cursor) ? cursor : throw NoCursor(text);

    /// <exception cref="ProblemException">It is none.</exception>
    public static (StartAt Start, Cursor Cursor) BeginningOf(string? text) =>
        Beginning.TryParse(text, out var start, out var cursor) ? (start, cursor) : throw NoCursor(text);

    /// <summary>An EventSource keeps its URL when it reconnects, so Last-Event-ID beats <c>after</c>.</summary>
    public static string? PlaceTextOf(HttpContext http) =>
        RequestReader.HeaderOf(http, "Last-Event-ID") is { Length: > 0 } place ? place : RequestReader.QueryOf(http, "after");

    private static ProblemException NoCursor(string? text) => new(Problem.InvalidCursor(MessageId.TryParse(text, out _)
        ? "This is a message's id. A cursor is what came with a message on a stream."
        : "A cursor is what came with a message on a stream, unchanged."));

    private static bool ModeOf(HttpContext http) => RequestReader.QueryOf(http, "mode") switch
    {
        null or "receiver" => false,
        "shared" => true,
        _ => throw new ProblemException(Problem.InvalidParameter("mode", "receiver or shared.")),
    };

    /// <summary>A long-poll acknowledges by its next poll; the streams do when they say so.</summary>
    private static AckMode AckOf(HttpContext http, OpenTransport transport, bool isShared)
    {
        var ack = RequestReader.QueryOf(http, "ack");
        if (isShared && ack == "client")
        {
            throw new ProblemException(Problem.InvalidParameter("ack", "A shared watcher never acknowledges."));
        }

        return ack switch
        {
            null => transport == OpenTransport.LongPoll && !isShared ? AckMode.Client : AckMode.None,
            "client" => AckMode.Client,
            "none" => AckMode.None,
            _ => throw new ProblemException(Problem.InvalidParameter("ack", "client or none.")),
        };
    }
}
