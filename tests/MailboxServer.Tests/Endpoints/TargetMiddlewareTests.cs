using Mailbox.Endpoints;

namespace MailboxServer.Tests.Endpoints;

public class TargetMiddlewareTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("/v1/mailboxes/alice")]
    [InlineData("/v1/mailboxes/alice/messages/0123456789abcdef-7")]
    [InlineData("/v1/mailboxes/a~b._-c")]
    [InlineData("/v1/mailboxes/%61lice")]
    [InlineData("/v1/mailboxes/%7Enodes")]
    [InlineData("/v1/mailboxes/a%2Eb")]
    [InlineData("/v1/mailboxes/...")]
    [InlineData("/v1/mailboxes/.a")]
    [InlineData("/v1/mailboxes/a..b")]
    [InlineData("/v1/mailboxes/a%20b")]
    [InlineData("http://host:8080/v1/mailboxes/alice")]
    public void Refusal_OrdinaryPath_None(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBeNull();

    [Theory]
    [InlineData("/v1/mailboxes/../messages")]
    [InlineData("/v1/mailboxes/./messages")]
    [InlineData("/v1/mailboxes/..")]
    [InlineData("/..")]
    [InlineData("/v1/mailboxes/%2e%2e/messages")]
    [InlineData("/v1/mailboxes/%2E%2e/messages")]
    [InlineData("/v1/mailboxes/.%2e/messages")]
    [InlineData("/v1/mailboxes/%2e./messages")]
    [InlineData("/v1/mailboxes/%2e/messages")]
    [InlineData("http://host/v1/mailboxes/%2e%2e/messages")]
    public void Refusal_DotSegment_Refused(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path has no dot segments.");

    [Theory]
    [InlineData("/V1/mailboxes/alice")]
    [InlineData("/v1/Mailboxes/alice")]
    [InlineData("/v1/mailboxes/alice/ACK")]
    [InlineData("/v1/%6dailboxes/alice")]
    [InlineData("/v1/mailboxes/alice/mess%61ges/0123456789abcdef-7")]
    [InlineData("/health/Live")]
    [InlineData("http://host/v1/MAILBOXES")]
    public void Refusal_WhatIsNoNameInAnotherForm_Refused(string path) =>
        TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path is written in lower case and not encoded, but for the names in it.");

    [Theory]
    [InlineData("http://alice@host/v1/mailboxes")]
    [InlineData("http://alice:secret@host")]
    public void Refusal_User_Refused(string target) =>
        TargetMiddleware.RefusalOfTarget(target).ShouldBe("A target names no user (RFC 9110 section 4.2.4).");

    [Theory]
    [InlineData("/v1/mailboxes/ALICE/messages")]
    [InlineData("/v1/mailboxes/%41lice")]
    [InlineData("/v1/mailboxes/alice/messages/%30123456789abcdef-7")]
    [InlineData("http://HOST:8080/v1/mailboxes/a@b")]
    public void Refusal_NameInAnyForm_None(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBeNull();

    [Theory]
    [InlineData("/v1//mailboxes")]
    [InlineData("//v1/mailboxes")]
    [InlineData("/v1/mailboxes/")]
    [InlineData("http://host//v1")]
    public void Refusal_EmptySegment_Refused(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path has no empty segments.");

    [Theory]
    [InlineData("/v1/mailboxes/a%2Fb")]
    [InlineData("/v1/mailboxes/a%2fb")]
    [InlineData("/v1/mailboxes/..%2f..")]
    [InlineData("/v1/mailboxes/a%5Cb")]
    [InlineData("/v1/mailboxes/a%5cb")]
    [InlineData("/v1/mailboxes/a\\b")]
    public void Refusal_SlashInsideASegment_Refused(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path has no encoded slashes.");

    [Theory]
    [InlineData("/v1/mailboxes/%252e%252e/messages")]
    [InlineData("/v1/mailboxes/%252Fetc")]
    [InlineData("/v1/mailboxes/a%252fb")]
    [InlineData("/v1/mailboxes/%25%32%65")]
    [InlineData("/v1/mailboxes/a%2500")]
    [InlineData("/v1/mailboxes/a%25")]
    public void Refusal_EncodedTwice_Refused(string path) => TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path is encoded once.");

    [Theory]
    [InlineData("/v1/mailboxes/a%00")]
    [InlineData("/v1/mailboxes/%00")]
    [InlineData("/v1/mailboxes/a%0d%0aSet-Cookie:x")]
    [InlineData("/v1/mailboxes/a%0A")]
    [InlineData("/v1/mailboxes/a%09")]
    [InlineData("/v1/mailboxes/a%1f")]
    [InlineData("/v1/mailboxes/a%7F")]
    [InlineData("/v1/mailboxes/a\u007F")]
    [InlineData("/v1/mailboxes/%ff")]
    [InlineData("/v1/mailboxes/%C0%AF")]
    [InlineData("/v1/mailboxes/%C0%AE%C0%AE/messages")]
    [InlineData("/v1/mailboxes/%C3%A4")]
    [InlineData("/v1/mailboxes/ä")]
    [InlineData("/v1/mailboxes/%EF%BC%8E%EF%BC%8E")]
    public void Refusal_NotPrintableAscii_Refused(string path) =>
        TargetMiddleware.RefusalOfTarget(path).ShouldBe("A path has only printable ASCII characters.");

    [Theory]
    [InlineData("/v1/mailboxes/%")]
    [InlineData("/v1/mailboxes/a%")]
    [InlineData("/v1/mailboxes/ab%")]
    [InlineData("/v1/mailboxes/abc%")]
    [InlineData("/v1/mailboxes/%6")]
    [InlineData("/v1/mailboxes/a%6")]
    [InlineData("/v1/mailboxes/ab%6")]
    [InlineData("/v1/mailboxes/abcdef%6")]
    [InlineData("/v1/mailboxes/%61%6")]
    [InlineData("/v1/mailboxes/%61%")]
    [InlineData("/v1/mailboxes/%%61")]
    [InlineData("/v1/mailboxes/%zz")]
    [InlineData("/v1/mailboxes/%6g")]
    [InlineData("/v1/mailboxes/%g6")]
    [InlineData("/v1/mailboxes/%u0061")]
    [InlineData("/v1/mailboxes/% 61")]
    [InlineData("/v1/mailboxes/%+6")]
    [InlineData("/v1/mailboxes/%%%")]
    [InlineData("/%/v1")]
    public void Refusal_PercentSignWithoutTwoDigits_Refused(string path) =>
        TargetMiddleware.RefusalOfTarget(path).ShouldBe("A percent sign begins two hex digits.");

    [Fact]
    public void Refusal_RandomPaths_NeverThrows()
    {
        const string pieces = "%%%%0126fFeEgz./\\aä\0\n";
        var random = new Random(31);
        for (var i = 0; i < 50_000; i++)
        {
            var path = "/" + new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)])]);
            Should.NotThrow(() => TargetMiddleware.RefusalOfTarget(path), path);
        }
    }

    [Fact]
    public async Task InvokeAsync_RefusedTarget_ProblemAndNothingBehindRuns()
    {
        var http = Given.Target("/v1/mailboxes/%2e%2e/messages", "POST");
        await new TargetMiddleware(_ => throw new InvalidOperationException("routed")).InvokeAsync(http);
        http.Response.StatusCode.ShouldBe(400);
        Given.JsonOf(http).GetProperty("type").GetString().ShouldBe("urn:mailbox:problem:invalid-target");
    }

    [Theory]
    [InlineData("/v1/mailboxes/alice")]
    [InlineData("/v1/mailboxes/alice?after=..%2f%00%zz")] // a query is read, not routed
    public async Task InvokeAsync_OrdinaryTarget_GoesOn(string target)
    {
        var went = false;
        await new TargetMiddleware(_ =>
        {
            went = true;
            return Task.CompletedTask;
        }).InvokeAsync(Given.Target(target));
        went.ShouldBeTrue();
    }

    [Theory]
    [InlineData("get")]
    [InlineData("Post")]
    public async Task InvokeAsync_MethodInLowerCase_NotAllowed(string method)
    {
        var http = Given.Target("/v1/mailboxes/alice", method);
        await new TargetMiddleware(_ => throw new InvalidOperationException("routed")).InvokeAsync(http);
        http.Response.StatusCode.ShouldBe(405);
    }
}
