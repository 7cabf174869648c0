using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>
/// The pages that the tests load: their own, and the sample. They come from the streams' own origin over a real socket: a page
/// that is put in by intercepting the request has no address, and Chromium then keeps its WebSockets from loopback ("local
/// network access").
/// </summary>
internal static class TestPage
{
    public const string Path = "/test-page";

    /// <summary>The page of samples/browser.</summary>
    public const string Sample = "/sample-page";

    private static readonly byte[] Own = Compose(OwnHtml());

    /// <summary>A browser writes a request's head at once, and the next request only after the answer.</summary>
    /// <returns>The whole HTTP/1.1 answer; null when no page is asked for.</returns>
    public static byte[]? AnswerTo(ReadOnlySpan<byte> head) =>
        head.StartsWith("GET /test-page "u8) ? Own
        : head.StartsWith("GET /sample-page?"u8) ? Compose(SampleHtml())
        : null;

    private static byte[] OwnHtml()
    {
        using var resource = typeof(TestPage).Assembly.GetManifestResourceStream("Browser.page.html")!;
        using var html = new MemoryStream();
        resource.CopyTo(html);
        return html.ToArray();
    }

    private static byte[] SampleHtml() =>
        File.ReadAllBytes(System.IO.Path.Combine(RepositoryRoot.Path, "samples", "browser", "index.html"));

    private static byte[] Compose(byte[] html)
    {
        var head = $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-cache\r\nContent-Length: {html.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. html];
    }
}
