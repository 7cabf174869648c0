using Microsoft.Extensions.Primitives;

namespace Mailbox.Access;

/// <summary>How a caller proved who they are.</summary>
internal enum CredentialKind
{
    None,

    /// <summary><c>Authorization: Bearer</c>: a token or an API key.</summary>
    Bearer,

    /// <summary><c>?access_token=</c>, where it is allowed.</summary>
    Query,

    /// <summary><c>?ticket=</c>.</summary>
    Ticket,

    /// <summary>The cookie, which a browser sends by itself.</summary>
    Cookie,

    /// <summary>Something that is none of these, or twice: it counts as a wrong proof, never as none.</summary>
    Malformed,
}

/// <summary>The proof that came with a request. One counts: the header's, else the ticket, else the query's, else the cookie.</summary>
internal readonly record struct Credentials(CredentialKind Kind, string Text)
{
    public const string TicketParameter = "ticket";

    private const string TokenParameter = "access_token";
    private const string Scheme = "Bearer ";

    /// <param name="http">The request.</param>
    /// <param name="options">What is allowed beside the header.</param>
    /// <param name="isReceivers">Whether it is an open or an ack: only these take a ticket or a token from the query.</param>
    public static Credentials Of(HttpContext http, AccessOptions options, bool isReceivers)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? One(CredentialKind.Bearer, text[Scheme.Length..].Trim())
                : One(CredentialKind.Malformed, "");
        }

        if (isReceivers && http.Request.Query[TicketParameter] is { Count: > 0 } ticket)
        {
            return One(CredentialKind.Ticket, ticket);
        }

        if (isReceivers && options.TokenInQuery && http.Request.Query[TokenParameter] is { Count: > 0 } token)
        {
            return One(CredentialKind.Query, token);
        }

        return options.Cookie is { } name && CookiesOf(http, name) is [_, ..] cookies
            ? One(CredentialKind.Cookie, cookies)
            : new Credentials(CredentialKind.None, "");
    }

    /// <summary>All of this very name: a neighbouring site can add one (RFC 6265 section 8.6), and which of two is ours nobody knows.</summary>
    private static string[] CookiesOf(HttpContext http, string name) =>
    [
        .. from header in http.Request.Headers.Cookie
           from pair in (header ?? "").Split(';', StringSplitOptions.TrimEntries)
           where pair.StartsWith(name + "=", StringComparison.Ordinal)
           select pair[(name.Length + 1)..],
    ];

    private static Credentials One(CredentialKind kind, StringValues values) =>
        values is [{ Length: > 0 } text] ? new Credentials(kind, text) : new Credentials(CredentialKind.Malformed, "");
}
