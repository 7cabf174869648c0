using System.Security.Claims;
using Mailbox.Mailboxes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mailbox.Access;

/// <summary>
/// Reads JSON Web Tokens (RFC 7519): signed by a pinned algorithm, of our issuer, for us, not expired (RFC 8725).
/// </summary>
internal sealed class Tokens
{
    private const int MaxSubject = 256;

    /// <summary>Of the year 9999.</summary>
    private const long LastSecond = 253_402_300_799;

    private static readonly string[] Symmetric = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    private static readonly string[] Asymmetric =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };
    private readonly JwtOptions _options;
    private readonly Authority? _authority;
    private readonly TokenValidationParameters? _ownRules;

    public Tokens(JwtOptions options, ILogger<Tokens> logger)
    {
        _options = options;
        if (string.IsNullOrEmpty(options.Authority))
        {
            _ownRules = RulesOf(options.Issuer, [.. options.Keys.Select(key => new SymmetricSecurityKey(Convert.FromBase64String(key)))], Symmetric);
            _ownRules.TryAllIssuerSigningKeys = true; // keys of our own have no names
        }
        else
        {
            _authority = new Authority(
                options, read => RulesOf(string.IsNullOrEmpty(options.Issuer) ? read.Issuer : options.Issuer, [.. read.SigningKeys], Asymmetric), logger);
        }
    }

    /// <summary>Null when the token is not valid, whatever it is that is wrong with it.</summary>
    /// <exception cref="AuthorityException">The authority's keys were never read, and cannot be now.</exception>
    public async ValueTask<Caller?> ReadAsync(string text, CancellationToken cancellation)
    {
        var rules = _ownRules ?? await _authority!.RulesAsync(cancellation);
        var result = await _handler.ValidateTokenAsync(text, rules);
        if (_authority is not null && result.Exception is SecurityTokenInvalidSignatureException &&
            await _authority.NewerAsync(rules, cancellation) is var newer && newer != rules)
        {
            result = await _handler.ValidateTokenAsync(text, newer);
        }

        // A critical extension, whichever it is, is none that we know (RFC 7515 section 4.1.11); the library passes over it.
        return result is { IsValid: true, SecurityToken: JsonWebToken { Subject.Length: > 0 and <= MaxSubject } token } &&
            !token.TryGetHeaderValue<object>("crit", out _)
            ? new Caller(GrantOf(token), RightsOf(token.Claims))
            : null;
    }

    private TokenValidationParameters RulesOf(string? issuer, SecurityKey[] keys, string[] algorithms) => new()
    {
        ValidAlgorithms = _options.Algorithms.Count > 0 ? _options.Algorithms : algorithms,
        ValidAudience = _options.Audience,
        ValidIssuer = issuer,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ClockSkew = _options.ClockSkew,
        IssuerSigningKeys = keys,
        TryAllIssuerSigningKeys = false,
    };

    private Grant GrantOf(JsonWebToken token) => new(
        token.Subject,
        string.IsNullOrEmpty(token.Id) ? [] : [token.Id],
        IssuedOf(token),
        Later(token.ValidTo, _options.ClockSkew));

    /// <summary>Null when there is none, or one that is no time.</summary>
    private static DateTimeOffset? IssuedOf(JsonWebToken token) =>
        token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Iat, out var seconds) && seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static DateTimeOffset Later(DateTime time, TimeSpan skew) =>
        time > DateTime.MaxValue - skew ? DateTimeOffset.MaxValue : new DateTimeOffset(time, TimeSpan.Zero) + skew;

    private static Rights RightsOf(IEnumerable<Claim> claims) => Rights.Of(claims.SelectMany(claim => claim.Type is "scope" or "scp"
        ? claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Rights.Split)
        : [(claim.Type, claim.Value)]));
}
