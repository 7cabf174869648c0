using System.Text;
using Mailbox.Transports;
using MailboxServer.Tests.Mailboxes;

namespace MailboxServer.Tests.Transports;

public class ClientFrameTests
{
    private static readonly string Cursor = Sample.CursorAt(7).ToString();

    [Fact]
    public void Parse_WhatAClientMaySay_Taken()
    {
        Parse($$"""{"ack":"{{Cursor}}"}""")!.Ack.ShouldBe(Sample.CursorAt(7));
        Parse($$"""{"mailbox":"a","ack":"{{Cursor}}"}""")!.Mailbox.ShouldBe("a");
        Parse($$"""{"open":"a","after":"now"}""")!.ShouldSatisfyAllConditions(frame => frame.Open.ShouldBe("a"), frame => frame.After.ShouldBe("now"));
        Parse("""{"close":"a"}""")!.Close.ShouldBe("a");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"ack\"")]
    [InlineData("{\"ack\":\"junk\"}")]
    [InlineData("{\"open\":1}")]
    [InlineData("{\"open\":null}")]
    [InlineData("{\"open\":{\"a\":\"b\"}}")]
    [InlineData("{\"open\":\"a\",\"open\":\"a\"}")]
    [InlineData("{\"Open\":\"a\"}")]
    [InlineData("{\"open\":\"a\"}{}")]
    [InlineData("{\"open\":\"a\"")]
    [InlineData("{\"open\":\"\\ud800\"}")]
    [InlineData("{open:\"a\"}")]
    public void Parse_AnythingElse_Null(string text) => Parse(text).ShouldBeNull();

    private static ClientFrame? Parse(string text) => ClientFrame.Parse(Encoding.UTF8.GetBytes(text));
}
