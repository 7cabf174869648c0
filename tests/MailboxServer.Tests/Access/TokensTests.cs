using System.Security.Cryptography;
using Mailbox.Access;
using Mailbox.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace MailboxServer.Tests.Access;

/// <summary>What a token says of its caller. What makes one invalid, the integration tests try on a server.</summary>
public class TokensTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(64);
    private static readonly TokenIssuer Issuer = TokenIssuer.Symmetric(Key);

    private readonly Tokens _tokens = new(
        new JwtOptions
        {
            Keys = [Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), Convert.ToBase64String(Key)],
            Issuer = TokenIssuer.Issuer,
            Audience = TokenIssuer.Audience,
            ClockSkew = TimeSpan.FromSeconds(7),
        },
        NullLogger<Tokens>.Instance);

    [Fact]
    public async Task ReadAsync_Valid_ItsCallerUntilItsEndAndTheSkew()
    {
        var ends = TokenIssuer.In(100);
        var issued = TokenIssuer.In(-50);
        var caller = (await ReadAsync(Issuer.Make("alice", ("exp", ends), ("iat", issued), ("jti", "id")))).ShouldNotBeNull();
        caller.Id.ShouldBe("alice");
        caller.Grant.Until.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(ends + 7));
        caller.Grant.Issued.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(issued));
        caller.Grant.Tokens.ShouldBe(["id"]);
        caller.IsAmbient.ShouldBeFalse();
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task ReadAsync_AnyOfTheDefaultAlgorithms_Valid(string algorithm) =>
        (await ReadAsync(TokenIssuer.Symmetric(Key, algorithm).Make("alice"))).ShouldNotBeNull();

    [Fact]
    public async Task ReadAsync_WithinTheSkew_Valid()
    {
        (await ReadAsync(Issuer.Make("alice", ("exp", TokenIssuer.In(-2))))).ShouldNotBeNull();
        (await ReadAsync(Issuer.Make("alice", ("exp", TokenIssuer.In(-9))))).ShouldBeNull();
        (await ReadAsync(Issuer.Make("alice", ("nbf", TokenIssuer.In(4))))).ShouldNotBeNull();
        (await ReadAsync(Issuer.Make("alice", ("nbf", TokenIssuer.In(100))))).ShouldBeNull();
    }

    [Fact]
    public async Task ReadAsync_NoIssueTimeAndNoId_Unknown()
    {
        var caller = (await ReadAsync(Issuer.Make("alice", ("iat", null)))).ShouldNotBeNull();
        caller.Grant.Issued.ShouldBeNull();
        caller.Grant.Tokens.ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadAsync_IssueTimeWithAFraction_Rounded() =>
        (await ReadAsync(Issuer.Make("alice", ("iat", 1_700_000_000.75)))).ShouldNotBeNull()
            .Grant.Issued.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1_700_000_001));

    [Theory]
    [InlineData(1e18)]
    [InlineData(-1)]
    public async Task ReadAsync_IssueTimeThatIsNone_Unknown(double issued) =>
        (await ReadAsync(Issuer.Make("alice", ("iat", issued)))).ShouldNotBeNull().Grant.Issued.ShouldBeNull();

    [Fact]
    public async Task ReadAsync_AnEndBeyondAllTime_NeverEnds() =>
        (await ReadAsync(Issuer.Make("alice", ("exp", 999_999_999_999)))).ShouldNotBeNull().Grant.Until.ShouldBe(DateTimeOffset.MaxValue);

    [Fact]
    public async Task ReadAsync_ScopesInAllForms_Rights()
    {
        var caller = (await ReadAsync(Issuer.Make(
            "alice",
            ("scope", "openid mailbox.open:a mailbox.deliver:b.*"),
            ("scp", new[] { "mailbox.open:c" }),
            ("mailbox.deliver", new[] { "d e" }),
            ("mailbox.admin", "f g"),
            ("roles", "mailbox.admin:h")))).ShouldNotBeNull();
        foreach (var (scope, names) in new[] { (Scope.Open, "acfg"), (Scope.Deliver, "defg"), (Scope.Admin, "fg") })
        {
            foreach (var name in "abcdefgh")
            {
                caller.Rights.May(scope, $"{name}").ShouldBe(names.Contains(name, StringComparison.Ordinal), $"{scope} {name}");
            }
        }

        caller.Rights.May(Scope.Deliver, "b.x").ShouldBeTrue();
    }

    private async Task<Caller?> ReadAsync(string token) => await _tokens.ReadAsync(token, CancellationToken.None);
}
