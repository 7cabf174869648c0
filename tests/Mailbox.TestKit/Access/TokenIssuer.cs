using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>Makes JSON Web Tokens (RFC 7519) by hand, so that it makes wrong ones too.</summary>
public sealed class TokenIssuer
{
    public const string Issuer = "https://issuer.example";
    public const string Audience = "mailbox-tests";

    private readonly string _algorithm;
    private readonly string? _keyId;
    private readonly Func<byte[], byte[]> _sign;

    private TokenIssuer(string algorithm, string? keyId, Func<byte[], byte[]> sign) => (_algorithm, _keyId, _sign) = (algorithm, keyId, sign);

    /// <summary>HS256, HS384 or HS512.</summary>
    public static TokenIssuer Symmetric(byte[] key, string algorithm = "HS256", string? keyId = null) => new(
        algorithm,
        keyId,
        algorithm switch
        {
            "HS384" => data => HMACSHA384.HashData(key, data),
            "HS512" => data => HMACSHA512.HashData(key, data),
            _ => data => HMACSHA256.HashData(key, data),
        });

    /// <summary>RS256.</summary>
    public static TokenIssuer Of(RSA key, string? keyId) =>
        new("RS256", keyId, data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>ES256.</summary>
    public static TokenIssuer Of(ECDsa key, string? keyId) => new("ES256", keyId, data => key.SignData(data, HashAlgorithmName.SHA256));

    /// <summary>A claim's value: so many seconds from now.</summary>
    public static long In(double seconds) => DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds();

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>Of this issuer, for this audience, from now, for an hour; claims that are given replace these, null takes one away.</summary>
    public string Make(string subject, params (string Name, object? Value)[] claims) => MakeWith([], subject, claims);

    /// <summary>The same with members of the header given.</summary>
    public string MakeWith((string Name, object? Value)[] header, string subject, params (string Name, object? Value)[] claims) => Sign(
        JsonOf([("typ", "JWT"), ("alg", _algorithm), ("kid", _keyId), .. header]),
        JsonOf(
        [
            ("iss", Issuer), ("aud", Audience), ("sub", subject), ("iat", In(0)), ("exp", In(3_600)), .. claims,
        ]));

    /// <summary>Signs whatever it is given.</summary>
    public string Sign(string header, string payload)
    {
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(_sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static string JsonOf(IEnumerable<(string Name, object? Value)> members)
    {
        var json = new Dictionary<string, object>();
        foreach (var (name, value) in members)
        {
            if (value is null)
            {
                json.Remove(name);
            }
            else
            {
                json[name] = value;
            }
        }

        return JsonSerializer.Serialize(json);
    }
}
