using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>An authority on the loopback: publishes its keys (OpenID Connect Discovery 1.0), and writes down what it was asked.</summary>
internal sealed class AuthorityStandIn : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly ConcurrentDictionary<string, object> _keys = new();

    public AuthorityStandIn(int? port = null) => Address = $"http://127.0.0.1:{port ?? FreePorts.Take()}";

    public string Address { get; }

    /// <summary>The paths that were asked for.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa Ecdsa { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Start()
    {
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = AnswerAsync();
    }

    public void Publish(RSA key, string id)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        _keys[id] = new { kty = "RSA", use = "sig", kid = id, n = Text(parameters.Modulus!), e = Text(parameters.Exponent!) };
    }

    public void Publish(ECDsa key, string id)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        _keys[id] = new { kty = "EC", crv = "P-256", use = "sig", kid = id, x = Text(point.X!), y = Text(point.Y!) };
    }

    public void Withdraw(string id) => _keys.TryRemove(id, out _).ShouldBeTrue();

    /// <summary>What its tokens say of who made them.</summary>
    public (string, object?) IssuerClaim => ("iss", Address);

    public void Dispose()
    {
        _listener.Close();
        Rsa.Dispose();
        Ecdsa.Dispose();
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var path = context.Request.Url!.AbsolutePath;
                _asked.Enqueue(path);
                object? body = path switch
                {
                    "/.well-known/openid-configuration" => new { issuer = Address, jwks_uri = Address + "/keys" },
                    "/keys" => new { keys = _keys.Values },
                    _ => null,
                };
                context.Response.StatusCode = body is null ? 404 : 200;
                context.Response.ContentType = "application/json";
                context.Response.Close(body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body), willBlock: true);
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // It was closed.
        }
    }
}
