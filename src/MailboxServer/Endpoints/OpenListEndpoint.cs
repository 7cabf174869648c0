using System.Globalization;
using System.Security.Cryptography;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>POST /v1/opens</c>: keeps a list of mailboxes, and where each begins, until <c>GET /v1/open?id=</c> opens it: for more mailboxes than
/// a URL can name, and places that no header can carry.
/// </summary>
internal sealed class OpenListEndpoint(IOpenLists lists, CallerRates rates, MailboxOptions options)
{
    /// <summary>A thousand of the longest names, twice, and their cursors.</summary>
    private const int MaxBytes = 384 * 1024;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private static readonly string ExpectedMailboxes = string.Create(
        CultureInfo.InvariantCulture, $"'mailboxes' has 1 to {SessionSet.MostMailboxes} names, each once.");

    public async Task HandleAsync(HttpContext http)
    {
        if (rates.RefusalOfOpen(Callers.Of(http)) is { } refusal)
        {
            throw new ProblemException(refusal);
        }

        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        var list = ListOf(http, RequestReader.JsonOf(body, MailboxJsonContext.Default.OpenListRequest));
        var id = RandomNumberGenerator.GetHexString(ManyQuery.IdLength, lowercase: true);
        await lists.KeepAsync(id, list, Life, http.RequestAborted);
        var location = $"{MailboxRoutes.OpenMany}?{ManyQuery.Id}={id}";
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = location;
        await http.Response.WriteAsJsonAsync(
            new OpenListAnswer(id, list.Receiver.ToString(), location, DateTimeOffset.UtcNow + Life),
            MailboxJsonContext.Default.OpenListAnswer, cancellationToken: http.RequestAborted);
    }

    private OpenList ListOf(HttpContext http, OpenListRequest request)
    {
        if (request.Mailboxes is not { Count: >= 1 and <= SessionSet.MostMailboxes } names)
        {
            throw Refuse(ExpectedMailboxes);
        }

        var receiver = default(Identifier);
        if (request.Receiver is { } text && (!Identifier.TryParse(text, out receiver) || receiver.IsNone))
        {
            throw Refuse("'receiver' is 16 lower-case hex digits, not all zero.");
        }

        var places = request.After ?? new Dictionary<string, string>();
        var mailboxes = new List<ListedMailbox>(names.Count);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            SystemMailboxes.DemandOpen(http, name ?? "", options);
            if (mailboxes.Count > 0 && mailboxes[^1].Name == name)
            {
                throw Refuse(ExpectedMailboxes);
            }

            mailboxes.Add(BeginningOf(name!, places.GetValueOrDefault(name!), ref receiver));
        }

        var named = mailboxes.Select(mailbox => mailbox.Name).ToHashSet(StringComparer.Ordinal);
        return places.Keys.All(named.Contains)
            ? new OpenList(mailboxes, receiver.IsNone ? Identifier.Random() : receiver)
            : throw Refuse("'after' names only mailboxes of the list.");
    }

    /// <param name="name">The mailbox.</param>
    /// <param name="place">What the request says of it.</param>
    /// <param name="receiver">Of the list so far; none: as the first cursor says.</param>
    private static ListedMailbox BeginningOf(string name, string? place, ref Identifier receiver)
    {
        var (start, cursor) = OpenQuery.BeginningOf(place);
        if (start == StartAt.Cursor)
        {
            receiver = receiver.IsNone ? cursor.Receiver : receiver;
            if (cursor.Receiver != receiver)
            {
                throw Refuse("The cursors, and 'receiver', are of one receiver.");
            }
        }

        return new ListedMailbox(name, start, cursor);
    }

    private static ProblemException Refuse(string detail) => new(Problem.InvalidBody(detail));
}
