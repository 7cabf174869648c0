using System.ComponentModel.DataAnnotations;

namespace Mailbox.Access;

/// <summary>The settings under <c>Mailbox:Access</c>: who may do what. With none of them everybody may, which only Development allows.</summary>
internal sealed class AccessOptions
{
    /// <summary>Everybody may do everything, also beyond the loopback and in Production. It excludes tokens and keys.</summary>
    public bool AllowAnonymous { get; set; }

    public JwtOptions Jwt { get; set; } = new();

    /// <summary>For backends. Several of one name are one caller: add the new key, move the backends, take the old one out.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Other origins whose pages may call: exactly as a browser writes them, such as <c>https://app.example.com</c>.</summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>Whether an open may carry its token as <c>?access_token=</c> (RFC 6750 section 2.3), where others' logs may keep it.</summary>
    public bool TokenInQuery { get; set; }

    /// <summary>The name of the cookie that <c>POST /v1/cookie</c> sets; none: no cookie is set or read.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}")]
    public string? Cookie { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>How long after its making a ticket's first open may come.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TicketWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest life of a ticket, whoever asks for it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxTicketLife { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Somebody has to prove who they are.</summary>
    public bool IsOn => Jwt.IsOn || ApiKeys.Count > 0;
}

/// <summary>The settings under <c>Mailbox:Access:Jwt</c> (RFC 7519): keys of our own, or an authority that publishes its keys.</summary>
internal sealed class JwtOptions
{
    /// <summary>Symmetric keys in base64, each at least 32 bytes. Several for rotation.</summary>
    public IList<string> Keys { get; set; } = [];

    /// <summary>An OpenID Connect issuer; its keys are read from <c>/.well-known/openid-configuration</c> there. HTTPS, but on the loopback.</summary>
    public string? Authority { get; set; }

    /// <summary>What <c>iss</c> must be. Default: the authority's own.</summary>
    public string? Issuer { get; set; }

    /// <summary>What <c>aud</c> must hold.</summary>
    public string? Audience { get; set; }

    /// <summary>The algorithms that count. Default: HS256, HS384, HS512 with keys; RS256, PS256, ES256 with an authority.</summary>
    public IList<string> Algorithms { get; set; } = [];

    /// <summary>How far clocks may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    public bool IsOn => Keys.Count > 0 || !string.IsNullOrEmpty(Authority);
}

/// <summary>One key of a backend, under <c>Mailbox:Access:ApiKeys:0</c> and so on.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Who calls with it.</summary>
    [Required, RegularExpression("[A-Za-z0-9._~@-]{1,128}")]
    public string Name { get; set; } = "";

    /// <summary>The SHA-256 of the key's text, in hex. The tool's <c>mailbox key</c> makes both.</summary>
    [Required, RegularExpression("[0-9a-fA-F]{64}")]
    public string Hash { get; set; } = "";

    /// <summary>What it may do: <c>mailbox.deliver:*</c>, <c>mailbox.open:user-42.*</c>.</summary>
    public IList<string> Scopes { get; set; } = [];
}
