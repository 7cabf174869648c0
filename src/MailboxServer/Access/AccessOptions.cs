using System.ComponentModel.DataAnnotations;

namespace Mailbox.Access;

/// <summary>The settings under <c>Mailbox:Access</c>: who may do what. With none of them everybody may, which only Development allows.</summary>
internal sealed class AccessOptions
{
    /// <summary>Everybody may do everything, in Production and beyond the loopback, too. It excludes tokens and keys.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Whether <c>/metrics</c> is for all who reach the node, as the health checks are.</summary>
    public bool OpenMetrics { get; set; }

    public JwtOptions Jwt { get; set; } = new();

    /// <summary>For backends. Several of one name are one caller: add the new key, move the backends, take the old one out.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Other origins whose pages may call: exactly as a browser writes them, such as <c>https://app.example.com</c>.</summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>Whether an open may carry its token as <c>?access_token=</c> (RFC 6750 section 2.3), where others' logs may keep it.</summary>
    public bool TokenInQuery { get; set; }

    /// <summary>The name of the cookie that carries a browser's token, which <c>POST /v1/cookie</c> sets; none: no cookies.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}")]
    public string? Cookie { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>How soon after its making a ticket's first open has to come.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TicketWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that a ticket's <c>lifetime</c> may be.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxTicketLife { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Somebody has to prove who they are.</summary>
    public bool IsOn => Jwt.IsOn || ApiKeys.Count > 0;
}

/// <summary>The settings under <c>Mailbox:Access:Jwt</c> (RFC 7519): keys of our own, or an authority that publishes its keys.</summary>
internal sealed class JwtOptions
{
    /// <summary>Keys of your own for tokens, in base64, each at least 32 bytes. Several for rotation.</summary>
    public IList<string> Keys { get; set; } = [];

    /// <summary>An OpenID Connect issuer, which publishes its keys; https, or http on the loopback. It excludes <c>Keys</c>.</summary>
    public string? Authority { get; set; }

    /// <summary>What <c>iss</c> must be. Needed with <c>Keys</c>; else it is the authority's own.</summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must hold. Needed for tokens.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// The algorithms that count, of HS… with keys, of RS…, PS…, ES… with an authority. Without any: HS256, HS384, HS512; with
    /// an authority RS256, PS256, ES256.
    /// </summary>
    public IList<string> Algorithms { get; set; } = [];

    /// <summary>How far clocks may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    public bool IsOn => Keys.Count > 0 || !string.IsNullOrEmpty(Authority);
}

/// <summary>One key of a backend, under <c>Mailbox:Access:ApiKeys:0</c> and so on.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Who calls with a backend's key. Several keys of one name are one caller.</summary>
    [Required, RegularExpression("[A-Za-z0-9._~@-]{1,128}")]
    public string Name { get; set; } = "";

    /// <summary>The SHA-256 of the key's text, in hex. The tool's <c>mailbox key</c> makes both.</summary>
    [Required, RegularExpression("[0-9a-fA-F]{64}")]
    public string Hash { get; set; } = "";

    /// <summary>What it may do: <c>mailbox.deliver:*</c>, <c>mailbox.open:user-42.*</c>.</summary>
    public IList<string> Scopes { get; set; } = [];
}
