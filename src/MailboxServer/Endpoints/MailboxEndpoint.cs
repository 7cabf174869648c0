using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>The mailbox itself: create it with limits of its own, ask for its state, remove it, close its receiver, list.</summary>
internal sealed class MailboxEndpoint(IMailboxStore store)
{
    private const int MaxBytes = 4_096;
    private const long MaxTimeToLive = 365L * 24 * 3600;
    private const int MostMessages = 100_000;
    private const long MostBytes = 64L * 1024 * 1024;

    public async Task PutAsync(HttpContext http)
    {
        var mailbox = RequestReader.MailboxOf(http, Scope.Admin);
        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        var settings = body.Length == 0
            ? new MailboxSettings()
            : RequestReader.JsonOf(body, MailboxJsonContext.Default.MailboxSettings);
        Check(settings.TimeToLive is null or (>= 1 and <= MaxTimeToLive), $"'timeToLive' is 1 to {MaxTimeToLive} seconds.");
        Check(settings.MaxMessages is null or (>= 1 and <= MostMessages), $"'maxMessages' is 1 to {MostMessages}.");
        Check(settings.MaxBytes is null or (>= 1 and <= MostBytes), $"'maxBytes' is 1 to {MostBytes}.");
        Check(settings.Overflow is null or "reject" or "dropOldest", "'overflow' is reject or dropOldest.");

        var isCreated = await store.ConfigureAsync(mailbox, settings, http.RequestAborted);
        http.Response.StatusCode = isCreated ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        if (isCreated)
        {
            http.Response.Headers.Location = MailboxRoutes.ForMailbox(mailbox);
        }

        await WriteInfoAsync(http, mailbox);

        static void Check(bool isValid, string expected)
        {
            if (!isValid)
            {
                throw new ProblemException(Problem.InvalidBody(expected));
            }
        }
    }

    public Task GetInfoAsync(HttpContext http) => WriteInfoAsync(http, RequestReader.MailboxOf(http, Scope.Open));

    public async Task RemoveAsync(HttpContext http)
    {
        await store.RemoveAsync(RequestReader.MailboxOf(http, Scope.Admin), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task DismissAsync(HttpContext http)
    {
        await store.DismissAsync(RequestReader.MailboxOf(http, Scope.Admin), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task ListAsync(HttpContext http)
    {
        var prefix = RequestReader.QueryOf(http, "prefix") ?? "";
        if (prefix.Length > 0 && !MailboxName.IsValid(prefix))
        {
            throw new ProblemException(Problem.InvalidParameter("prefix", "The beginning of a mailbox name."));
        }

        RequestReader.DemandAll(http, prefix);

        try
        {
            var list = await store.ListAsync(prefix, RequestReader.QueryOf(http, "cursor"), http.RequestAborted);
            await http.Response.WriteAsJsonAsync(list, MailboxJsonContext.Default.MailboxList, cancellationToken: http.RequestAborted);
        }
        catch (FormatException)
        {
            throw new ProblemException(Problem.InvalidParameter("cursor", "The cursor of the page before."));
        }
    }

    private async Task WriteInfoAsync(HttpContext http, string mailbox)
    {
        if (await store.GetInfoAsync(mailbox, http.RequestAborted) is { } info)
        {
            await http.Response.WriteAsJsonAsync(info, MailboxJsonContext.Default.MailboxInfo, cancellationToken: http.RequestAborted);
        }
        else
        {
            await Problem.MailboxNotFound.WriteAsync(http);
        }
    }
}
