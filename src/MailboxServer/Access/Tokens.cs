using System.Security.Claims;
using Mailbox.Mailboxes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Mailbox.Access;

/// <summary>
/// Reads JSON Web Tokens (RFC 7519): signed by a pinned algorithm, of our issuer, for us, not expired (RFC 8725). An
/// authority's keys are read again when they are a day old, and when a token names a key that is not among them.
/// </summary>
internal sealed class Tokens
{
    private const int MaxSubject = 256;

    private static readonly string[] Symmetric = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    private static readonly string[] Asymmetric =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _authority;
    private readonly TokenValidationParameters _rules;

    public Tokens(JwtOptions options)
    {
        _rules = new TokenValidationParameters
        {
            ValidAlgorithms = options.Algorithms.Count > 0 ? options.Algorithms : options.Keys.Count > 0 ? Symmetric : Asymmetric,
            ValidAudience = options.Audience,
            ValidIssuer = options.Issuer,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = options.ClockSkew,
            IssuerSigningKeys = [.. options.Keys.Select(key => new SymmetricSecurityKey(Convert.FromBase64String(key)))],
            TryAllIssuerSigningKeys = true, // keys of our own have no names
        };
        if (!string.IsNullOrEmpty(options.Authority))
        {
            var authority = new Uri(options.Authority.TrimEnd('/') + "/.well-known/openid-configuration");
            _authority = new ConfigurationManager<OpenIdConnectConfiguration>(
                authority.AbsoluteUri,
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever(new HttpClient { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 1024 * 1024 })
                {
                    RequireHttps = !authority.IsLoopback,
                })
            {
                AutomaticRefreshInterval = TimeSpan.FromDays(1),
                RefreshInterval = TimeSpan.FromSeconds(10),
            };
            _rules.ConfigurationManager = _authority;
            _rules.TryAllIssuerSigningKeys = false;
        }
    }

    /// <summary>Null when the token is not valid, whatever it is that is wrong with it.</summary>
    /// <exception cref="AuthorityException">The authority's keys were never read, and cannot be now.</exception>
    public async ValueTask<Caller?> ReadAsync(string text, CancellationToken cancellation)
    {
        if (_authority is not null)
        {
            try
            {
                await _authority.GetConfigurationAsync(cancellation);
            }
            catch (InvalidOperationException exception)
            {
                throw new AuthorityException("The authority's keys cannot be read.", exception);
            }
        }

        var result = await _handler.ValidateTokenAsync(text, _rules);
        return result is { IsValid: true, SecurityToken: JsonWebToken { Subject.Length: > 0 and <= MaxSubject } token }
            ? new Caller(GrantOf(token), RightsOf(token.Claims))
            : null;
    }

    private Grant GrantOf(JsonWebToken token) => new(
        token.Subject,
        string.IsNullOrEmpty(token.Id) ? [] : [token.Id],
        token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Iat, out var issued) ? DateTimeOffset.FromUnixTimeSeconds(issued) : null,
        Later(token.ValidTo, _rules.ClockSkew));

    private static DateTimeOffset Later(DateTime time, TimeSpan skew) =>
        time > DateTime.MaxValue - skew ? DateTimeOffset.MaxValue : new DateTimeOffset(time, TimeSpan.Zero) + skew;

    private static Rights RightsOf(IEnumerable<Claim> claims) => Rights.Of(claims.SelectMany(claim => claim.Type is "scope" or "scp"
        ? claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Rights.Split)
        : [(claim.Type, claim.Value)]));
}
