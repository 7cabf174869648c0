using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using Mailbox.Client.Http;

namespace Mailbox.Client.Receiving;

/// <summary>One envelope in each text frame; acknowledgements go back on the same connection.</summary>
internal sealed class WebSocketTransport(Opening open) : ITransport
{
    private const string SubProtocol = "mailbox.v1";
    private const int Replaced = 4409;

    /// <summary>The largest body that a server can be set to (16 MiB), as JSON with every character escaped.</summary>
    private const int MaxFrameBytes = 100 * 1024 * 1024;

    private ClientWebSocket? _socket;

    public TimeSpan? RetryAfter => null;

    public async IAsyncEnumerable<StreamEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var socket = await ConnectAsync(cancellation).ConfigureAwait(false);
        Volatile.Write(ref _socket, socket);
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        while (true)
        {
            var frame = await socket.ReceiveAsync(buffer.GetMemory(4 * 1024), cancellation).ConfigureAwait(false);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                ThrowIfFinal(socket);
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

    public async ValueTask<bool> TryAckAsync(string cursor, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _socket) is not { } socket)
        {
            return false;
        }

        // A cursor has no character that JSON escapes.
        await socket.SendAsync(
            Encoding.UTF8.GetBytes($$"""{"ack":"{{cursor}}"}""").AsMemory(), WebSocketMessageType.Text, true, cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellation)
    {
        for (var isRefresh = false; ; isRefresh = true)
        {
            var isFresh = isRefresh;
            try
            {
                return await open.Http.AttemptAsync(
                    either => ConnectAsync(isFresh, either), open.Http.Options.AttemptTimeout, cancellation).ConfigureAwait(false);
            }
            catch (MailboxAccessException refused) when (refused.Status == 401 && open.Http.Options.Token is not null && !isRefresh)
            {
            }
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(bool isRefresh, CancellationToken either)
    {
        var options = open.Http.Options;
        var token = await open.Http.AuthorizationAsync(isRefresh, either).ConfigureAwait(false);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(SubProtocol);
        socket.Options.KeepAliveInterval = options.IdleTimeout / 3;
        socket.Options.KeepAliveTimeout = options.IdleTimeout * 2 / 3;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", token.ToString());
        }

        // Not disposed: it would take the client's own connections with it.
        var invoker = new RefusalInvoker(open.Http.Client);
        try
        {
            var address = new UriBuilder(open.UriOf(open.After, ""));
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

    private void ThrowIfFinal(ClientWebSocket socket)
    {
        switch ((int?)socket.CloseStatus)
        {
            case Replaced:
                throw new MailboxReplacedException(open.Mailbox);
            case (int)WebSocketCloseStatus.PolicyViolation or (int)WebSocketCloseStatus.MessageTooBig:
                throw new MailboxException(400, null, $"The server closed the connection: {socket.CloseStatusDescription}");
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
