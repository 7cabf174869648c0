using Mailbox.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mailbox.Proxy;

/// <summary>
/// Tells a backend who calls, by a token (RFC 7519) that only this server and its backends can make. Its audience is the
/// one backend, so that none can show it to another.
/// </summary>
internal sealed class CallerToken(ProxyOptions options)
{
    private const string Issuer = "mailbox";

    /// <summary>The request it comes with is younger.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _writer = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials? _key = options.CallerKey is { } key
        ? new SigningCredentials(new SymmetricSecurityKey(Convert.FromBase64String(key)), SecurityAlgorithms.HmacSha256)
        : null;

    /// <summary>Null without a key, which only Development allows: then nothing is told.</summary>
    public string? Of(HttpContext http, ProxyRoute route)
    {
        if (_key is null)
        {
            return null;
        }

        var claims = new Dictionary<string, object>(StringComparer.Ordinal);
        if (http.User is Caller { Id: { } id } caller)
        {
            claims["sub"] = id;
            claims["scope"] = caller.Rights.ToScope();
        }

        var now = DateTime.UtcNow;
        return _writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = route.Backend,
            IssuedAt = now,
            Expires = now + Life,
            Claims = claims,
            SigningCredentials = _key,
        });
    }
}
