using System.Text.Json;
using Mailbox.Access;
using Mailbox.Contracts;
using Mailbox.Endpoints;
using Mailbox.Mailboxes;
using MailboxServer.Tests.Mailboxes;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Endpoints;

public class RequestReaderTests
{
    [Fact]
    public void MailboxOf_ValidName_Taken() => MailboxOf("alice").ShouldBe("alice");

    [Theory]
    [InlineData(null, ProblemTypes.InvalidName, 400)]
    [InlineData("", ProblemTypes.InvalidName, 400)]
    [InlineData("..", ProblemTypes.InvalidName, 400)]
    [InlineData("a/b", ProblemTypes.InvalidName, 400)]
    [InlineData("a\r\nb", ProblemTypes.InvalidName, 400)]
    [InlineData("~other", ProblemTypes.Forbidden, 403)]
    public void MailboxOf_AnotherName_Problem(string? name, string type, int status)
    {
        var problem = Given.ProblemOf(() => MailboxOf(name));
        problem.Type.ShouldBe(type);
        problem.Status.ShouldBe(status);
    }

    [Fact]
    public void MessageIdOf_Id_Taken()
    {
        var http = Given.Request();
        http.Request.RouteValues["id"] = "000000000000a0a0-7";
        RequestReader.MessageIdOf(http).ShouldBe(new MessageId(Sample.Generation, 7));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("7")]
    [InlineData("000000000000a0a0-0")]
    public void MessageIdOf_AnythingElse_Problem(string? id)
    {
        var http = Given.Request();
        http.Request.RouteValues["id"] = id;
        Given.ProblemOf(() => RequestReader.MessageIdOf(http)).Type.ShouldBe(ProblemTypes.InvalidParameter);
    }

    [Fact]
    public void HeaderOf_OnceOrNot_ItsValueOrNull()
    {
        var http = Given.Request();
        RequestReader.HeaderOf(http, "Topic").ShouldBeNull();
        http.Request.Headers["Topic"] = "a";
        RequestReader.HeaderOf(http, "topic").ShouldBe("a");
        http.Request.Headers["Topic"] = new StringValues(["a", "a"]);
        Given.ProblemOf(() => RequestReader.HeaderOf(http, "Topic")).Type.ShouldBe(ProblemTypes.InvalidHeader);
    }

    [Fact]
    public void QueryOf_OnceOrNot_ItsValueOrNull()
    {
        RequestReader.QueryOf(Given.Request("a=1"), "b").ShouldBeNull();
        RequestReader.QueryOf(Given.Request("a=1"), "a").ShouldBe("1");
        RequestReader.QueryOf(Given.Request("a"), "a").ShouldBe("");
        Given.ProblemOf(() => RequestReader.QueryOf(Given.Request("a=1&A=1"), "a")).Type.ShouldBe(ProblemTypes.InvalidParameter);
    }

    [Fact]
    public async Task BodyOfAsync_ExactlyTheLimit_Taken()
    {
        var body = new byte[100];
        (await RequestReader.BodyOfAsync(Given.Upload(body), 100)).ShouldBe(body);
        (await RequestReader.BodyOfAsync(Given.Upload(body, withLength: false), 100)).ShouldBe(body);
        (await RequestReader.BodyOfAsync(Given.Upload([]), 100)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyOfAsync_OneByteOverTheLimit_Problem(bool withLength)
    {
        var problem = await Given.ProblemOfAsync(() => RequestReader.BodyOfAsync(Given.Upload(new byte[101], withLength), 100));
        problem.Status.ShouldBe(413);
        problem.Detail.ShouldNotBeNull().ShouldContain("100");
    }

    [Fact]
    public async Task BodyOfAsync_LengthOverTheLimit_RefusedBeforeItIsRead()
    {
        var http = Given.Upload([]);
        http.Request.ContentLength = 101;
        http.Request.Body = new Unreadable();
        (await Given.ProblemOfAsync(() => RequestReader.BodyOfAsync(http, 100))).Status.ShouldBe(413);
    }

    [Theory]
    [InlineData("identity, gzip")]
    [InlineData("zstd")]
    public async Task BodyOfAsync_EncodingThatIsNotTaken_Problem(string encoding)
    {
        var http = Given.Upload("body");
        http.Request.Headers.ContentEncoding = encoding;
        (await Given.ProblemOfAsync(() => RequestReader.BodyOfAsync(http, 100))).Status.ShouldBe(415);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("")]
    public async Task BodyOfAsync_Identity_AsItIs(string encoding)
    {
        var http = Given.Upload("body");
        http.Request.Headers.ContentEncoding = encoding;
        (await RequestReader.BodyOfAsync(http, 100)).Length.ShouldBe(4);
    }

    [Fact]
    public void JsonOf_WhatTheCallTakes_Read() =>
        RequestReader.JsonOf("""{"cursor":"x"}"""u8, MailboxJsonContext.Default.AckRequest).Cursor.ShouldBe("x");

    [Fact]
    public void JsonOf_Null_Problem() =>
        Given.ProblemOf(() => RequestReader.JsonOf("null"u8, MailboxJsonContext.Default.AckRequest)).Type.ShouldBe(ProblemTypes.InvalidBody);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"cursor":1}""")]
    [InlineData("""{"cursor":"x","cursor":"y"}""")]
    [InlineData("""{"cursor":"x","more":1}""")]
    [InlineData("""{"cursor":"x"} x""")]
    [InlineData("""{"cursor":"x",}""")]
    public void JsonOf_AnythingElse_JsonException(string body)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        Should.Throw<JsonException>(() => RequestReader.JsonOf(bytes, MailboxJsonContext.Default.AckRequest));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("application/json", "application/json")]
    [InlineData("Application/JSON ; charset=utf-8", "application/json")]
    public void MediaTypeOf_ContentType_WithoutParametersInLowerCase(string? contentType, string expected)
    {
        var http = Given.Request();
        http.Request.ContentType = contentType;
        RequestReader.MediaTypeOf(http).ShouldBe(expected);
    }

    private static string MailboxOf(string? name)
    {
        var http = Given.Request();
        http.Request.RouteValues["mailbox"] = name;
        return RequestReader.MailboxOf(http, Scope.Open);
    }

    private sealed class Unreadable : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("It was read.");
    }
}
