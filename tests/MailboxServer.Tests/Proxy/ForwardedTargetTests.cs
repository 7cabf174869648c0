using Mailbox.Proxy;

namespace MailboxServer.Tests.Proxy;

public sealed class ForwardedTargetTests
{
    [Theory]
    [InlineData("/a/b?c=/../d", "/a/b?c=/../d")]
    [InlineData("http://host:1/a?b", "/a?b")]
    [InlineData("http://user@host/a", "")]
    [InlineData("http://host?x/a", "")]
    [InlineData("http://host", "")]
    [InlineData("*", "")]
    [InlineData("host:443", "")]
    public void PathAndQueryOf_AnyForm_IsWhatStandsBehindTheAuthority(string target, string expected) =>
        ForwardedTarget.PathAndQueryOf(target).ShouldBe(expected);

    [Theory]
    [InlineData("/app/A.b/c..d/...")]
    [InlineData("/app//x/")]
    [InlineData("/app/%C3%BC%2F%20%25")]
    [InlineData("/app?a=%zz&b=../..&c=%00")]
    public void RefusalOf_WhatAllReadAlike_IsNull(string target) => ForwardedTarget.RefusalOf(target).ShouldBeNull();

    [Theory]
    [InlineData("/app/.")]
    [InlineData("/app/../x")]
    [InlineData("/app/%2E./x")]
    [InlineData("/app/x%2f..%2fy")]
    [InlineData("/app/x\\..\\y")]
    [InlineData("/app/%252e%252e")]
    [InlineData("/app/%25%32%65.")]
    [InlineData("/app/%0a")]
    [InlineData("/app/%7F")]
    [InlineData("/app/%4")]
    [InlineData("/app/%%41")]
    [InlineData("/app/#x")]
    [InlineData("/app/ü")]
    [InlineData("/app?a b")]
    public void RefusalOf_WhatTwoMayReadDifferently_IsSaid(string target) => ForwardedTarget.RefusalOf(target).ShouldNotBeNull();

    [Theory]
    [InlineData("/v1", true)]
    [InlineData("/V1/x", true)]
    [InlineData("/%76%31/x", true)]
    [InlineData("/health", true)]
    [InlineData("/mailbox.js", true)]
    [InlineData("/mailbox.jsx", false)]
    [InlineData("/v1x", false)]
    [InlineData("/", false)]
    [InlineData("/x/v1", false)]
    public void IsReserved_AsTheServerMightReadIt_IsTrue(string path, bool expected) => ForwardedTarget.IsReserved(path).ShouldBe(expected);
}
