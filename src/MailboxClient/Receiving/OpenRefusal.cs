using Mailbox.Client.Http;
using Mailbox.Contracts;

namespace Mailbox.Client.Receiving;

/// <summary>One mailbox of several was not opened: the exception that the same refusal is of an open of its own.</summary>
internal static class OpenRefusal
{
    /// <summary>The server has as many open on this connection as it may.</summary>
    public const string TooMany = "too-many-mailboxes";

    /// <summary>Answers a close that came too late.</summary>
    public const string NotOpen = "not-open";

    /// <param name="mailbox">Its name.</param>
    /// <param name="reason">The last part of a problem's type; or a word of the connection's own.</param>
    public static MailboxException Of(string mailbox, string reason)
    {
        var type = ProblemTypes.Prefix + reason;
        var status = type switch
        {
            ProblemTypes.Unauthorized => 401,
            ProblemTypes.Forbidden => 403,
            ProblemTypes.NotFound => 404,
            ProblemTypes.NotReceiver or ProblemTypes.StoreConflict => 409,
            ProblemTypes.TooManyRequests => 429,
            ProblemTypes.Internal => 500,
            ProblemTypes.StoreUnavailable or ProblemTypes.AuthorityUnavailable or ProblemTypes.Draining or ProblemTypes.TooMany => 503,
            ProblemTypes.StoreFull or ProblemTypes.TenantFull or ProblemTypes.MailboxFull => 507,
            _ => 400,
        };
        var message = $"One mailbox of several was not opened: {reason}.";
        return status is 401 or 403
            ? new MailboxAccessException(status, type, message) { Mailbox = mailbox }
            : new MailboxException(status, reason is TooMany ? null : type, message) { Mailbox = mailbox };
    }
}
