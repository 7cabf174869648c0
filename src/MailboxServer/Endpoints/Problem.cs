using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;

namespace Mailbox.Endpoints;

/// <summary>One way to be refused (RFC 9457).</summary>
internal sealed record Problem(int Status, string Type, string Title, string? Detail = null)
{
    /// <summary>People read problems in a terminal: an apostrophe stays one.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Seconds for <c>Retry-After</c>, jittered by who sets it.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The encodings that would be taken.</summary>
    public string? AcceptEncoding { get; init; }

    /// <summary>What <c>WWW-Authenticate</c> says to who sent a token (RFC 6750 section 3). What was wrong with it stays with us.</summary>
    public string? TokenError { get; init; }

    public static Problem InvalidTarget(string detail) =>
        new(400, ProblemTypes.InvalidTarget, "The request target is not one this server routes.", detail);

    public static Problem InvalidName { get; } = new(
        400, ProblemTypes.InvalidName, "Not a mailbox name.",
        "A name has 1 to 128 characters of A-Z a-z 0-9 . _ ~ - and does not begin with a dot.");

    public static Problem SystemName { get; } = new(
        403, ProblemTypes.Forbidden, "Names that begin with ~ are the system's own.");

    public static Problem NoEvents { get; } = new(404, ProblemTypes.NotFound, "There are no events here.", "Mailbox:Events:Enabled is not set.");

    public static Problem NoConsole { get; } = new(404, ProblemTypes.NotFound, "There is no console here.", "Mailbox:Console:Enabled is not set.");

    /// <summary>The same whether the mailbox exists or not: nothing was looked at.</summary>
    public static Problem NotAllowed { get; } = new(403, ProblemTypes.Forbidden, "The caller may not do this here.") { TokenError = "insufficient_scope" };

    public static Problem ForeignOrigin { get; } = new(
        403, ProblemTypes.ForeignOrigin, "A page of another origin may not call.", "Mailbox:Access:Origins lists those that may.");

    public static Problem Unauthorized { get; } = new(401, ProblemTypes.Unauthorized, "This call takes a valid token, key or ticket.")
    { TokenError = "invalid_token" };

    public static Problem AuthorityUnavailable => new(503, ProblemTypes.AuthorityUnavailable, "The authority's keys cannot be read now.")
    { RetryAfter = Random.Shared.Next(1, 4) };

    public static Problem NoCookies { get; } = new(404, ProblemTypes.NotFound, "There are no cookies here.", "Mailbox:Access:Cookie names one.");

    public static Problem TooManyRevocations(int most) => new(
        507, ProblemTypes.StoreFull, "As many revocations stand as may.", string.Create(CultureInfo.InvariantCulture, $"{most}. Nothing was revoked."));

    public static Problem InvalidParameter(string name, string expected) =>
        new(400, ProblemTypes.InvalidParameter, $"The query parameter '{name}' is not valid.", expected);

    public static Problem InvalidHeader(string name, string expected) =>
        new(400, ProblemTypes.InvalidHeader, $"The header '{name}' is not valid.", expected);

    public static Problem InvalidBody(string detail) => new(400, ProblemTypes.InvalidBody, "The body is not what this call takes.", detail);

    public static Problem InvalidCursor(string detail) => new(400, ProblemTypes.InvalidCursor, "Not a cursor.", detail);

    public static Problem CursorOfAnotherList { get; } = new(
        400, ProblemTypes.CursorOfAnotherList, "A cursor of another list of mailboxes.", "Come back with the list that it was given for.");

    public static Problem MailboxNotFound { get; } = new(404, ProblemTypes.MailboxNotFound, "There is no such mailbox.");

    public static Problem MessageNotFound { get; } = new(404, ProblemTypes.MessageNotFound, "There is no such message, or it has left.");

    public static Problem GroupNotFound { get; } = new(404, ProblemTypes.GroupNotFound, "There is no such group.", "It has no members, and nothing waits for them.");

    public static Problem DeliveryNotFound { get; } = new(404, ProblemTypes.DeliveryNotFound, "There is no such delivery to the group, or it is forgotten.");

    public static Problem ListNotFound { get; } = new(
        404, ProblemTypes.ListNotFound, "There is no such list of mailboxes.", "A list is opened once, and within a minute. POST it again, with the cursors that came.");

    public static Problem MethodNotAllowed { get; } = new(
        405, ProblemTypes.MethodNotAllowed, "This path does not take this method.");

    public static Problem NotAcceptable { get; } = new(
        406, ProblemTypes.NotAcceptable, "Nothing that the Accept header allows.",
        "Open with text/event-stream, application/x-ndjson, application/json (long-poll) or a WebSocket.");

    public static Problem ManyNotAcceptable { get; } = NotAcceptable with
    {
        Detail = "Open several mailboxes with text/event-stream, application/x-ndjson or a WebSocket; a long-poll has one.",
    };

    public static Problem BodyTooSlow { get; } = new(408, ProblemTypes.RequestTimeout, "The body came too slowly.");

    public static Problem Replaced { get; } = new(409, ProblemTypes.NotReceiver, "Another receiver has this mailbox.");

    public static Problem BeyondSent { get; } = new(409, ProblemTypes.BeyondSent, "Nothing was sent that far.");

    public static Problem StaleCursor { get; } = new(
        409, ProblemTypes.StaleCursor, "The position does not hold any more.", "The receiver's stream tells by a reset.");

    public static Problem TooLarge(long limit) => new(
        413, ProblemTypes.TooLarge, "The body is over the limit.",
        string.Create(CultureInfo.InvariantCulture, $"At most {limit} bytes."));

    public static Problem UnsupportedEncoding { get; } = new(
        415, ProblemTypes.UnsupportedMediaType, "This Content-Encoding is not taken.",
        $"One of {EncodedBody.Taken}; or send the body as it is.")
    { AcceptEncoding = EncodedBody.Taken };

    public static Problem UnsupportedMediaType(string expected) =>
        new(415, ProblemTypes.UnsupportedMediaType, "This Content-Type is not taken.", expected);

    public static Problem IdempotencyConflict { get; } = new(
        422, ProblemTypes.IdempotencyConflict, "The idempotency key came before with another body.");

    public static Problem MailboxFull { get; } = new(507, ProblemTypes.MailboxFull, "The mailbox is full.", "Nothing was stored.");

    public static Problem GroupFull(string what) => new(507, ProblemTypes.GroupFull, "The group is full.", what + " Nothing was stored.");

    public static Problem StoreFull { get; } = new(507, ProblemTypes.StoreFull, "Redis has no memory left.", "Nothing was stored.");

    public static Problem TenantFull { get; } = new(
        507, ProblemTypes.TenantFull, "The tenant holds as many mailboxes or bytes as it may.", "Nothing was stored.");

    public static Problem StoreConflict { get; } = new(
        409, ProblemTypes.StoreConflict, "What Redis holds of this mailbox is not what the contract names.",
        "A key is of another type, or a field of the hash is none of ours. Nothing was stored. Removing the mailbox mends it.");

    public static Problem StoreUnavailable => new(
        503, ProblemTypes.StoreUnavailable, "Redis does not answer.",
        "Whether the call took effect is unknown. Retry a delivery with the same Idempotency-Key.")
    { RetryAfter = Random.Shared.Next(1, 4) };

    public static Problem StoreUnread => new(503, ProblemTypes.StoreUnavailable, "This node has not read yet what Redis holds.", "Nothing was stored.")
    { RetryAfter = Random.Shared.Next(1, 4) };

    /// <summary>Why this node takes no further stream now; null when it does.</summary>
    public static Problem? OfNode(Node node) =>
        !node.ReadsStore ? StoreUnread
        : node.State == NodeState.Draining ? Draining
        : null;

    public static Problem Draining => new(503, ProblemTypes.Draining, "This node is going away.") { RetryAfter = Random.Shared.Next(1, 4) };

    public static Problem TooManyConnections => new(503, ProblemTypes.TooMany, "This node holds as many streams as it may.")
    { RetryAfter = Random.Shared.Next(2, 10) };

    public static Problem TooManyBodies => new(503, ProblemTypes.TooMany, "This node holds as many bytes of bodies as it may.", "Nothing was stored.")
    { RetryAfter = Random.Shared.Next(2, 10) };

    public static Problem TooManyStreams(string title) => new(429, ProblemTypes.TooManyRequests, title)
    { RetryAfter = Random.Shared.Next(2, 10) };

    /// <param name="what">Of which there were too many.</param>
    /// <param name="after">When there is room, to the second and a second or two later: they do not come all at once.</param>
    public static Problem TooManyRequests(string what, TimeSpan after) => new(
        429, ProblemTypes.TooManyRequests, $"This caller's {what} come too fast.", "Nothing was stored.")
    { RetryAfter = (int)Math.Clamp(Math.Ceiling(after.TotalSeconds), 1, 3_600) + Random.Shared.Next(0, 3) };

    /// <summary>Whether the same call may do better later, or on another node.</summary>
    public bool IsPassing => Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
        or StatusCodes.Status507InsufficientStorage;

    /// <summary>The short word for a stream's <c>mailbox.unavailable</c>.</summary>
    public string Reason => Type[ProblemTypes.Prefix.Length..];

    public async Task WriteAsync(HttpContext http)
    {
        NodeMetrics.Refuse(Reason);
        var response = http.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (AcceptEncoding is not null)
        {
            response.Headers.AcceptEncoding = AcceptEncoding;
        }

        if (TokenError is not null)
        {
            response.Headers.WWWAuthenticate = http.Request.Headers.Authorization.Count > 0 ? $"Bearer error=\"{TokenError}\"" : "Bearer";
        }

        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        await using (var json = new Utf8JsonWriter(response.BodyWriter, Options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, Type);
            json.WriteString("title"u8, Title);
            json.WriteNumber("status"u8, Status);
            if (Detail is not null)
            {
                json.WriteString("detail"u8, Detail);
            }

            json.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
