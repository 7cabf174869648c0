using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Web;
using Mailbox.Client;

namespace Mailbox.ClientTests;

/// <summary>Answers in a server's place, so that a test decides what comes when.</summary>
public sealed class FakeServer(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answerAsync) : HttpMessageHandler
{
    public FakeServer(Func<HttpRequestMessage, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    public const string Stored = """{"mailbox":"a","id":"g-9","queued":true,"connected":true}""";

    /// <summary>A client of it, with short pauses.</summary>
    public MailboxClient NewClient(Action<MailboxClientOptions>? configure = null)
    {
        var options = new MailboxClientOptions { RetryDelay = TimeSpan.FromMilliseconds(10) };
        configure?.Invoke(options);
        if (options.BaseAddresses.Count == 0)
        {
            options.BaseAddresses.Add(new Uri("http://one.test"));
        }

        return new MailboxClient(new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }, options);
    }

    public static bool IsAck(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith("/ack", StringComparison.Ordinal);

    /// <summary>The cursor that an acknowledgement carries.</summary>
    public static async Task<string> AckedAsync(HttpRequestMessage request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(await request.Content!.ReadAsStringAsync());
        return body.RootElement.GetProperty("cursor").GetString()!;
    }

    /// <summary>The place that an open presents.</summary>
    public static string? After(HttpRequestMessage request) => HttpUtility.ParseQueryString(request.RequestUri!.Query)["after"];

    public static HttpResponseMessage Status(int status) => new((HttpStatusCode)status);

    public static HttpResponseMessage Json(string json, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Problem(int status, string type) =>
        Json($$"""{"type":"{{type}}","title":"No.","status":{{status}}}""", status);

    /// <summary>Server-sent events that end after these.</summary>
    public static HttpResponseMessage Events(params string[] envelopes) =>
        Stream(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(envelopes.Select(envelope => $"data: {envelope}\n\n")))));

    /// <summary>Server-sent events that go on as long as the other end of the pipe is open.</summary>
    public static async Task<HttpResponseMessage> EventsAsync(Pipe pipe, params string[] envelopes)
    {
        await WriteAsync(pipe, envelopes);
        return Stream(pipe.Reader.AsStream());
    }

    public static async Task WriteAsync(Pipe pipe, params string[] envelopes)
    {
        foreach (var envelope in envelopes)
        {
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes($"data: {envelope}\n\n"));
        }
    }

    public static HttpResponseMessage Stream(Stream events) =>
        new(HttpStatusCode.OK) { Content = new StreamContent(events) { Headers = { ContentType = new("text/event-stream") } } };

    public static string Open(string cursor) => $$"""{"control":"open","cursor":"{{cursor}}"}""";

    public static string Reset(string cursor, string reason) => $$"""{"control":"reset","cursor":"{{cursor}}","reason":"{{reason}}"}""";

    public static string Gap(string cursor, long from, long to) =>
        $$"""{"control":"gap","cursor":"{{cursor}}","from":{{from}},"to":{{to}},"reason":"dropped"}""";

    /// <summary>A message whose cursor is its id and whose body is its id.</summary>
    public static string Message(string id) => $$"""{"id":"{{id}}","cursor":"{{id}}","contentType":"text/plain","data":"{{id}}"}""";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answerAsync(request, cancellationToken);
}
