using System.Security.Claims;
using Mailbox.Mailboxes;

namespace Mailbox.Access;

/// <summary>Who calls, and what they may do. Every call but the open ones has one as its <see cref="HttpContext.User"/>.</summary>
internal sealed class Caller : ClaimsPrincipal
{
    public Caller(Grant grant, Rights rights)
        : base(grant.Caller is { } id ? new ClaimsIdentity([new Claim("sub", id)], "mailbox", "sub", roleType: null) : new ClaimsIdentity())
    {
        Grant = grant;
        Rights = rights;
    }

    /// <summary>Without access control.</summary>
    public static Caller Everybody { get; } = new(Grant.Everybody, Rights.All) { IsAmbient = true };

    /// <summary>Null for everybody.</summary>
    public string? Id => Grant.Caller;

    public Grant Grant { get; }

    public Rights Rights { get; }

    /// <summary>What admitted the caller, when that was a ticket: it is good for one receiver.</summary>
    public Ticket? Ticket { get; init; }

    /// <summary>A browser sends the proof by itself, or none is asked for: then a page of another origin may not call.</summary>
    public bool IsAmbient { get; init; }

    /// <exception cref="InvalidOperationException">The call was not looked at: a fault of the composition, and nobody is let in.</exception>
    public static Caller Of(HttpContext http) =>
        http.User as Caller ?? throw new InvalidOperationException("This call has no caller.");
}
