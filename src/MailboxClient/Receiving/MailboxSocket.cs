using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using Mailbox.Client.Http;

namespace Mailbox.Client.Receiving;

/// <summary>A WebSocket to the server: one envelope in each text frame. What is said on it may be said by several at once.</summary>
internal sealed class MailboxSocket : IDisposable
{
    private const string SubProtocol = "mailbox.v1";

    /// <summary>The largest body that a server can be set to (16 MiB), as JSON with every character escaped.</summary>
    private const int MaxFrameBytes = 100 * 1024 * 1024;

    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1); // a socket takes one frame at a time

    private MailboxSocket(ClientWebSocket socket) => _socket = socket;

    /// <summary>Once what came is over: how the server closed; null when the connection just ended.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Opens; a token that is refused is fetched anew, once.</summary>
    /// <exception cref="MailboxException">Refused, or no answer in time.</exception>
    public static async Task<MailboxSocket> ConnectAsync(MailboxHttp http, Uri target, CancellationToken cancellation)
    {
        for (var isRefresh = false; ; isRefresh = true)
        {
            var isFresh = isRefresh;
            try
            {
                return new MailboxSocket(await http.AttemptAsync(
                    either => ConnectAsync(http, target, isFresh, either), http.Options.AttemptTimeout, cancellation).ConfigureAwait(false));
            }
            catch (MailboxAccessException refused) when (refused.Status == 401 && http.Options.Token is not null && !isRefresh)
            {
            }
        }
    }

    /// <summary>What comes, until the server closes.</summary>
    /// <exception cref="MailboxException">Closed for what the client has said: it would be said again.</exception>
    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        while (true)
        {
            var frame = await _socket.ReceiveAsync(buffer.GetMemory(4 * 1024), cancellation).ConfigureAwait(false);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                if (_socket.CloseStatus is WebSocketCloseStatus.PolicyViolation or WebSocketCloseStatus.MessageTooBig)
                {
                    throw new MailboxException(400, null, $"The server closed the connection: {_socket.CloseStatusDescription}");
                }

                yield break;
            }

            buffer.Advance(frame.Count);
            if (frame.EndOfMessage)
            {
                yield return Envelope.Parse(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
            else if (buffer.WrittenCount > MaxFrameBytes)
            {
                throw new MailboxException(200, null, $"A frame of more than {MaxFrameBytes} bytes.");
            }
        }
    }

    /// <param name="frame">JSON: neither a cursor nor a mailbox's name has a character that it escapes.</param>
    /// <param name="cancellation">Breaks the connection, when it is in the middle of the frame.</param>
    public async ValueTask SayAsync(string frame, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(frame).AsMemory(), WebSocketMessageType.Text, true, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<ClientWebSocket> ConnectAsync(MailboxHttp http, Uri target, bool isRefresh, CancellationToken either)
    {
        var options = http.Options;
        var token = await http.AuthorizationAsync(isRefresh, either).ConfigureAwait(false);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(SubProtocol);
        socket.Options.KeepAliveInterval = options.IdleTimeout / 3;
        socket.Options.KeepAliveTimeout = options.IdleTimeout * 2 / 3;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", token.ToString());
        }

        // Not disposed: it would take the client's own connections with it.
        var invoker = new RefusalInvoker(http.Client);
        try
        {
            var address = new UriBuilder(target);
            address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
            await socket.ConnectAsync(address.Uri, invoker, either).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            if (invoker.Refusal is { } refusal)
            {
                throw refusal;
            }

            throw;
        }
    }

    /// <summary>Lets the socket's handshake go through the client's own handlers, and keeps the body of a refusal.</summary>
    private sealed class RefusalInvoker(HttpClient client) : HttpMessageInvoker(NoHandler.Instance, disposeHandler: false)
    {
        public MailboxException? Refusal { get; private set; }

        public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode >= 400)
            {
                Refusal = await Refusals.ReadAsync(response, cancellationToken).ConfigureAwait(false);
            }

            return response;
        }
    }

    private sealed class NoHandler : HttpMessageHandler
    {
        public static readonly NoHandler Instance = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
