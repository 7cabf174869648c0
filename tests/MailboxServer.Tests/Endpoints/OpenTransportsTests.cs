using Mailbox.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace MailboxServer.Tests.Endpoints;

public class OpenTransportsTests
{
    [Fact]
    public void Of_NoAccept_Sse() => Of(null).ShouldBe("Sse");

    [Theory]
    [InlineData("text/event-stream", "Sse")]
    [InlineData("TEXT/Event-Stream", "Sse")]
    [InlineData("text/event-stream; charset=utf-8", "Sse")]
    [InlineData("application/x-ndjson", "Ndjson")]
    [InlineData("application/json", "LongPoll")]
    [InlineData("application/json; charset=utf-8", "LongPoll")]
    [InlineData("*/*", "Sse")]
    [InlineData("text/*", "Sse")]
    [InlineData("*/*;q=0.1", "Sse")]
    [InlineData("application/x-ndjson, */*;q=0.1", "Ndjson")]
    [InlineData("application/json, text/plain, */*", "LongPoll")] // what axios sends
    public void Of_OneAcceptable_ThatOne(string accept, string expected) => Of(accept).ShouldBe(expected);

    [Theory]
    [InlineData("application/json;q=0.5, text/event-stream", "Sse")]
    [InlineData("text/event-stream;q=0.5, application/json", "LongPoll")]
    [InlineData("text/event-stream;q=0.5, application/json;q=0.6, application/x-ndjson;q=0.7", "Ndjson")]
    [InlineData("application/json, text/event-stream", "LongPoll")] // alike: the first
    [InlineData("text/event-stream;q=0.001, image/png", "Sse")]
    public void Of_SeveralAcceptable_TheOneOfHighestQuality(string accept, string expected) => Of(accept).ShouldBe(expected);

    [Theory]
    [InlineData("text/event-stream;q=0")]
    [InlineData("text/event-stream;q=0.000")]
    [InlineData("*/*;q=0")]
    [InlineData("text/plain, */*;q=0")]
    [InlineData("text/event-stream;q=0, */*")] // RFC 9110 section 12.5.1: the most specific range counts
    [InlineData("text/event-stream;q=0, text/*")]
    public void Of_RefusedByQualityZero_None(string accept) => Of(accept).ShouldBeNull();

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/html, */*")]
    [InlineData("text/html")]
    [InlineData("TEXT/HTML;level=1, */*;q=0.1")]
    public void Of_BrowsersAddressBar_NoneSoThatAPastedLinkTakesNothingOver(string accept) => Of(accept).ShouldBeNull();

    [Theory]
    [InlineData("text/plain")]
    [InlineData("image/*")]
    [InlineData("application/xml, text/xml")]
    [InlineData("")]
    [InlineData(";;;")]
    [InlineData("event-stream")]
    [InlineData("text/event-stream-of-another-kind")]
    public void Of_NothingThatWeSpeakOrJunk_None(string accept) => Of(accept).ShouldBeNull();

    [Fact]
    public void Of_SeveralHeaders_ReadAsOneList()
    {
        var http = Given.Request();
        http.Request.Headers.Accept = new StringValues(["text/event-stream;q=0.2", "application/x-ndjson"]);
        OpenTransports.Of(http).ShouldBe(OpenTransport.Ndjson);
    }

    [Fact]
    public void Of_WebSocketUpgrade_WebSocketWhateverIsAccepted()
    {
        var http = Given.Request(accept: "text/html");
        http.Features.Set<IHttpWebSocketFeature>(new Upgrade());
        OpenTransports.Of(http).ShouldBe(OpenTransport.WebSocket);
    }

    private static string? Of(string? accept) => OpenTransports.Of(Given.Request(accept: accept))?.ToString();

    private sealed class Upgrade : IHttpWebSocketFeature
    {
        public bool IsWebSocketRequest => true;

        public Task<System.Net.WebSockets.WebSocket> AcceptAsync(WebSocketAcceptContext context) => throw new NotSupportedException();
    }
}
