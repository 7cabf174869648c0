using System.Net;
using System.Text;

namespace Mailbox.Proxy;

/// <summary>The connections to the backends. It passes on what it gets: it follows nothing, keeps no cookies, unpacks nothing.</summary>
internal sealed class BackendClient(MailboxOptions options) : IDisposable
{
    /// <summary>So many mailboxes with the longest names, and as much as others allow for all other headers.</summary>
    private const int BytesOfOneName = 130, OtherKilobytes = 64;

    /// <summary>A backend waits with its answer for us no longer than this; then it is free of us.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public HttpMessageInvoker Invoker { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null, // the client's own traceparent passes
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = Idle,
        MaxResponseHeadersLength = OtherKilobytes + (options.Limits.RecipientsPerCall * BytesOfOneName / 1024),
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, // as the web server reads them
    });

    public void Dispose() => Invoker.Dispose();
}
