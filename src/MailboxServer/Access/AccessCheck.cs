using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;

namespace Mailbox.Access;

/// <summary>Refuses settings of <c>Mailbox:Access</c> that cannot work, or that let in more than they say.</summary>
internal static class AccessCheck
{
    private static readonly string[] Symmetric = ["HS256", "HS384", "HS512"];
    private static readonly string[] Asymmetric = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <exception cref="ValidationException">A setting cannot work, or nobody said who may call.</exception>
    public static void Check(AccessOptions options, IHostEnvironment environment)
    {
        Require(
            options.IsOn || options.AllowAnonymous || environment.IsDevelopment(),
            "Nobody said who may call: set Mailbox:Access:Jwt or Mailbox:Access:ApiKeys, or Mailbox:Access:AllowAnonymous=true to let everybody do everything.");
        Require(!(options.IsOn && options.AllowAnonymous), "Mailbox:Access:AllowAnonymous and tokens or keys exclude each other.");
        Check(options.Jwt);
        foreach (var key in options.ApiKeys)
        {
            Require(key.Scopes.Count > 0, $"Mailbox:Access:ApiKeys: '{key.Name}' has no Scopes, and so may do nothing.");
            var wrong = key.Scopes.FirstOrDefault(scope => !Rights.IsGrant(scope));
            Require(wrong is null, $"Mailbox:Access:ApiKeys: '{key.Name}' has the scope '{wrong}'. A scope is mailbox.open:, mailbox.deliver: or mailbox.admin: and a name, or the beginning of names and *.");
        }

        foreach (var origin in options.Origins)
        {
            Require(IsOrigin(origin), $"Mailbox:Access:Origins: '{origin}' is not an origin as browsers write it, such as https://app.example.com.");
        }

        Require(options.Cookie is null || options.Jwt.IsOn, "Mailbox:Access:Cookie carries a token: it needs Mailbox:Access:Jwt.");
        Require(
            options.Cookie?.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) is not true,
            "Mailbox:Access:Cookie: a browser takes a name that begins with __Host- for the path / alone, and this cookie's is /v1.");
    }

    /// <summary>Without access control, and without the word that this is meant, nobody but this machine gets in.</summary>
    /// <exception cref="ValidationException">The address can be reached from elsewhere.</exception>
    public static void CheckAddress(AccessOptions options, EndPoint endpoint) => Require(
        options.IsOn || options.AllowAnonymous || endpoint is not IPEndPoint { Address: var address } || IPAddress.IsLoopback(address),
        $"{endpoint} can be reached from other machines, and nobody said who may call: set Mailbox:Access:Jwt or Mailbox:Access:ApiKeys, or Mailbox:Access:AllowAnonymous=true.");

    private static void Check(JwtOptions jwt)
    {
        if (!jwt.IsOn)
        {
            Require(
                string.IsNullOrEmpty(jwt.Issuer) && string.IsNullOrEmpty(jwt.Audience),
                "Mailbox:Access:Jwt has neither Keys nor an Authority: no token could be told from another.");
            return;
        }

        var isOwn = jwt.Keys.Count > 0;
        Require(!isOwn || string.IsNullOrEmpty(jwt.Authority), "Mailbox:Access:Jwt has Keys or an Authority, not both.");
        Require(!string.IsNullOrEmpty(jwt.Audience), "Mailbox:Access:Jwt:Audience is not set: a token for another service would do.");
        Require(!isOwn || !string.IsNullOrEmpty(jwt.Issuer), "Mailbox:Access:Jwt:Issuer is not set.");
        Require(isOwn || IsAuthority(jwt.Authority!), "Mailbox:Access:Jwt:Authority is an https address (http only on the loopback).");
        var wrong = jwt.Algorithms.FirstOrDefault(algorithm => !(isOwn ? Symmetric : Asymmetric).Contains(algorithm));
        Require(wrong is null, $"Mailbox:Access:Jwt:Algorithms: '{wrong}' is not one of {string.Join(", ", isOwn ? Symmetric : Asymmetric)}.");
        var least = isOwn && jwt.Algorithms.Count > 0 ? jwt.Algorithms.Min(BytesOf) : BytesOf(Symmetric[0]);
        Require(jwt.Keys.All(key => IsKey(key, least)), $"Mailbox:Access:Jwt:Keys are in base64, each at least {least} bytes.");
    }

    /// <summary>A key is at least as long as the algorithm's hash (RFC 7518 section 3.2); with a shorter one no token would hold.</summary>
    private static int BytesOf(string symmetric) => int.Parse(symmetric.AsSpan(2), CultureInfo.InvariantCulture) / 8;

    private static bool IsKey(string text, int least)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= least;
    }

    private static bool IsAuthority(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) &&
        string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.Ordinal) && uri.UserInfo.Length == 0;

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ValidationException(otherwise);
        }
    }
}
