using System.Net.Http.Headers;
using Mailbox.Access;
using Mailbox.Contracts;
using Microsoft.Extensions.Primitives;

namespace Mailbox.Proxy;

/// <summary>
/// The headers that do not pass. What the server and its backends say to each other no client can say, and what a client
/// says of the way it came is not believed.
/// </summary>
internal sealed class ForwardedHeaders(AccessOptions access, CallerToken token)
{
    private const string Ours = "Mailbox-", Way = "X-Forwarded-", Proxys = "X-Accel-";

    /// <summary>Of a request, after all but those of the connection itself were copied.</summary>
    public void Apply(HttpContext http, HttpRequestMessage request, ProxyRoute route)
    {
        var headers = request.Headers;
        headers.Host = null; // the backend's own name; the one that was called stands in X-Forwarded-Host
        var named = NamedBy(http.Request.Headers.Connection);
        foreach (var name in headers.NonValidated.Select(header => header.Key).Where(name => Begins(name, Ours) || Begins(name, Way) ||
            Is(name, "Forwarded") || Is(name, "X-Real-IP") || named.Contains(name)).ToList())
        {
            headers.Remove(name);
        }

        if (!route.PassesCredentials)
        {
            headers.Remove("Authorization");
            RemoveCookie(headers);
        }

        if (http.Connection.RemoteIpAddress is { } address)
        {
            Add("X-Forwarded-For", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        }

        Add("X-Forwarded-Proto", http.Request.Scheme);
        Add("X-Forwarded-Host", http.Request.Host.Value);
        Add(MailboxHeaders.Caller, token.Of(http, route));

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    /// <summary>Of an answer, or of its trailers, after they were copied.</summary>
    /// <param name="headers">Those that the client would get.</param>
    /// <param name="connection">The answer's own <c>Connection</c>, which names what is of the connection (RFC 9110 section 7.6.1).</param>
    public static void Strip(IHeaderDictionary headers, HttpHeaderValueCollection<string> connection)
    {
        foreach (var name in headers.Keys.Where(name => Begins(name, Ours) || connection.Contains(name, StringComparer.OrdinalIgnoreCase) ||
            (Begins(name, Proxys) && !Is(name, "X-Accel-Buffering"))).ToList())
        {
            headers.Remove(name);
        }
    }

    /// <summary>Gateways of some languages read an underscore as a hyphen: <c>Mailbox_Caller</c> is no way in, either.</summary>
    private static bool Begins(string name, string beginning) =>
        name.Length >= beginning.Length && Is(name[..beginning.Length].Replace('_', '-'), beginning);

    private static bool Is(string name, string other) => string.Equals(name.Replace('_', '-'), other, StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> NamedBy(StringValues connection) => new(
        connection.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        StringComparer.OrdinalIgnoreCase);

    private void RemoveCookie(HttpRequestHeaders headers)
    {
        if (access.Cookie is not { } ours || !headers.NonValidated.TryGetValues("Cookie", out var values))
        {
            return;
        }

        var others = values.SelectMany(value => value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(pair => !pair.StartsWith(ours + "=", StringComparison.Ordinal)).ToList();
        headers.Remove("Cookie");
        if (others.Count > 0)
        {
            headers.TryAddWithoutValidation("Cookie", string.Join("; ", others));
        }
    }
}
