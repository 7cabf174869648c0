using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox.Endpoints;

/// <summary><c>POST /v1/revocations</c>: a token, a ticket, or all that a caller was given until now, ends before its time.</summary>
internal sealed class RevocationEndpoint(RevocationList list)
{
    private const int MaxBytes = 4_096;
    private const int MaxLength = 256;
    private const int MostSeconds = 30 * 24 * 3600;
    private const int DefaultSeconds = 24 * 3600;

    public async Task HandleAsync(HttpContext http)
    {
        RequestReader.DemandAll(http);
        var body = await RequestReader.BodyOfAsync(http, MaxBytes);
        var request = RequestReader.JsonOf(body, MailboxJsonContext.Default.RevocationRequest);
        if (request.Token is null == request.Caller is null || (request.Token ?? request.Caller) is not { Length: > 0 and <= MaxLength })
        {
            throw new ProblemException(Problem.InvalidBody($"Either 'token' or 'caller' is what is revoked: 1 to {MaxLength} characters."));
        }

        if (request.Remember is < 1 or > MostSeconds)
        {
            throw new ProblemException(Problem.InvalidBody($"'remember' is 1 to {MostSeconds} seconds."));
        }

        var now = DateTimeOffset.UtcNow;
        var until = now.AddSeconds(request.Remember ?? DefaultSeconds);
        if (!await list.AddAsync(new Revocation(request.Token, request.Caller, now), until, http.RequestAborted))
        {
            throw new ProblemException(Problem.TooManyRevocations(RevocationList.Most));
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
