using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>Redis over TLS, with certificates of an authority that the test makes.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mailbox-tls-");
    private readonly int _port = FreePorts.Take();

    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Mailbox test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddHours(-1), now.AddHours(2));
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serverRequest = new CertificateRequest("CN=redis", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("redis.test");
        names.AddIpAddress(IPAddress.Loopback);
        serverRequest.CertificateExtensions.Add(names.Build());
        using var server = serverRequest.Create(authority, now.AddMinutes(-30), now.AddHours(1), RandomNumberGenerator.GetBytes(8));

        var (authorityFile, serverFile, keyFile) = (PathOf("trusted/authority.pem"), PathOf("server.pem"), PathOf("key.pem"));
        _directory.CreateSubdirectory("trusted");
        await File.WriteAllTextAsync(authorityFile, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(serverFile, server.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, serverKey.ExportPkcs8PrivateKeyPem());
        _redis = await RedisServer.StartAsync(
            ("tls-port", $"{_port}"),
            ("tls-cert-file", serverFile),
            ("tls-key-file", keyFile),
            ("tls-ca-cert-file", authorityFile),
            ("tls-auth-clients", "no"));
    }

    public async ValueTask DisposeAsync()
    {
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("ssl=true")]
    [InlineData("ssl=true,sslHost=redis.test")]
    public async Task A_node_that_trusts_the_authority_works_over_tls(string options)
    {
        await using var node = await StartAsync(options, isTrusted: true);
        await node.WaitUntilReadyAsync(Patience.Start);
        var mailbox = Names.Fresh("tls");
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await node.DeliverAsync(mailbox, "sealed");
        (await receiver.MessageAsync()).Text.ShouldBe("sealed");
    }

    [Theory]
    [InlineData("ssl=true", false)]
    [InlineData("ssl=true,sslHost=other.test", true)]
    public async Task A_certificate_that_does_not_hold_keeps_the_node_unready_and_the_log_says_why(string options, bool isTrusted)
    {
        await using var node = await StartAsync(options, isTrusted);

        await node.SaysAsync("Redis does not let this node in: its TLS certificate is not trusted, has expired or is another host's.");

        var health = await node.GetAsync("/health/ready");
        (health.Status, health.Text).ShouldBe((503, """{"status":"starting"}"""));
        (await node.GetAsync("/health/live")).Status.ShouldBe(200);
        (await node.DeliverAsync(Names.Fresh("tls"), "m")).Status.ShouldBe(503);
        (await _redis.ExecuteAsync("DBSIZE")).ShouldBe(0L);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private async Task<MailboxNode> StartAsync(string options, bool isTrusted)
    {
        var node = await MailboxNode.StartAsync(new MailboxNodeOptions
        {
            Redis = $"127.0.0.1:{_port},{options}",
            WaitsUntilReady = false,
            Settings = isTrusted ? new Dictionary<string, string> { ["SSL_CERT_DIR"] = PathOf("trusted") } : [],
        });
        await node.WaitUntilLiveAsync();
        return node;
    }
}
