using Mailbox.Access;
using Mailbox.Contracts;

namespace Mailbox.Endpoints;

/// <summary>
/// <c>POST /v1/cookie</c>: the token that came in the header comes back as a cookie (RFC 6265) that no script reads and no other
/// site's page sends. <c>DELETE</c> takes it away, also when its token does not hold any more.
/// </summary>
internal sealed class CookieEndpoint(AccessOptions options, Origins origins)
{
    /// <summary>Of name and value together: browsers drop what is longer, and say nothing.</summary>
    private const int MostBytes = 4_096;

    public Task SetAsync(HttpContext http)
    {
        var credentials = Credentials.Of(http, options, isReceivers: false);
        if (options.Cookie is not { } name)
        {
            throw new ProblemException(Problem.NoCookies);
        }

        if (credentials.Kind != CredentialKind.Bearer || credentials.Text.StartsWith(ApiKeys.Prefix, StringComparison.Ordinal))
        {
            throw new ProblemException(Problem.InvalidHeader("Authorization", "A bearer token: what a key may do is not for a browser."));
        }

        if (name.Length + credentials.Text.Length > MostBytes)
        {
            throw new ProblemException(Problem.InvalidHeader("Authorization", $"A token that fits into a cookie: {MostBytes - name.Length} characters."));
        }

        http.Response.Cookies.Append(name, credentials.Text, Settings(http, Caller.Of(http).Grant.Until));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public Task ClearAsync(HttpContext http)
    {
        if (options.Cookie is not { } name)
        {
            throw new ProblemException(Problem.NoCookies);
        }

        if (origins.IsForeign(http))
        {
            throw new ProblemException(Problem.ForeignOrigin);
        }

        http.Response.Cookies.Delete(name, Settings(http, until: null));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static CookieOptions Settings(HttpContext http, DateTimeOffset? until) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,

        // Only a page on this machine may do without TLS.
        Secure = http.Request.IsHttps || !IsLoopback(http.Request.Host.Host),
        Path = MailboxRoutes.Base,
        Expires = until,
    };

    private static bool IsLoopback(string host) =>
        host == "localhost" || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));
}
