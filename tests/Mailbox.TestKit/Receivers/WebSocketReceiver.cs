using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Mailbox.TestKit;

/// <summary>Reads one JSON envelope a text frame, subprotocol <c>mailbox.v1</c>, over HTTP/1.1 or HTTP/2.</summary>
public sealed class WebSocketReceiver : StreamReceiver
{
    private const string Protocol = "mailbox.v1";

    private readonly ClientWebSocket _socket;

    private WebSocketReceiver(HttpOpen open, ClientWebSocket socket)
        : base(open) => _socket = socket;

    /// <summary>What the server chose.</summary>
    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>The server's close code; null while open, and when the connection just broke.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public override Task AckAsync(string cursor, CancellationToken cancellationToken = default) =>
        SendAckAsync(cursor, cancellationToken);

    public Task SendAckAsync(string cursor, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes($$"""{"ack":"{{JsonEncodedText.Encode(cursor)}}"}"""), cancellationToken: cancellationToken);

    /// <summary>Any frame, also one that the server refuses.</summary>
    public async Task SendAsync(
        ReadOnlyMemory<byte> frame,
        WebSocketMessageType type = WebSocketMessageType.Text,
        bool isEnd = true,
        CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Open.Options.Deadline);
        await _socket.SendAsync(frame, type, isEnd, deadline.Token);
    }

    /// <summary>Leaves politely, with 1000. Disposing drops the connection without a word.</summary>
    public async Task CloseAsync()
    {
        using var deadline = new CancellationTokenSource(Open.Options.Deadline);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", deadline.Token);
        if (!await EndsAsync(Open.Options.Deadline))
        {
            throw new TimeoutException("The server did not answer the close.");
        }
    }

    internal static async Task<WebSocketReceiver> OpenAsync(HttpOpen open, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(open.Options.Deadline);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Protocol);
        socket.Options.KeepAliveInterval = open.Options.KeepAlive ?? TimeSpan.Zero;
        socket.Options.KeepAliveTimeout = (open.Options.KeepAlive * 3) ?? Timeout.InfiniteTimeSpan;
        socket.Options.HttpVersion = open.Options.HttpVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        foreach (var (name, value) in open.Options.Headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        if (open.Options.LastEventId is not null)
        {
            socket.Options.SetRequestHeader("Last-Event-ID", open.Options.LastEventId);
        }

        var refusal = new RefusalReader(open.Handler);
        try
        {
            // The invoker must live as long as the socket; its handler is the open's to dispose.
            await socket.ConnectAsync(
                open.AddressOf(Uri.UriSchemeWs, open.Options.After), new HttpMessageInvoker(refusal, false), deadline.Token);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw refusal.Refusal ?? (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested
                ? new TimeoutException($"The WebSocket was not open within {open.Options.Deadline}.", exception)
                : exception);
        }

        var receiver = new WebSocketReceiver(open, socket);
        receiver.Start();
        return receiver;
    }

    private protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var frame = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (frame.MessageType == WebSocketMessageType.Close)
            {
                await AnswerCloseAsync(cancellationToken);
                return;
            }

            message.Write(buffer.AsSpan(0, frame.Count));
            if (frame.EndOfMessage)
            {
                await GiveAsync(
                    frame.MessageType == WebSocketMessageType.Text
                        ? Envelopes.Parse(message.ToArray())
                        : throw new FormatException("A binary frame."),
                    cancellationToken);
                message.SetLength(0);
            }
        }
    }

    private protected override void Drop() => _socket.Abort();

    private async Task AnswerCloseAsync(CancellationToken cancellationToken)
    {
        if (_socket.State == WebSocketState.CloseReceived)
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        }
    }

    /// <summary>A WebSocket client drops the body of a refusal; this keeps it.</summary>
    private sealed class RefusalReader(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public OpenRefusedException? Refusal { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            var isOpen = response.StatusCode == HttpStatusCode.SwitchingProtocols ||
                (request.Method == HttpMethod.Connect && response.StatusCode == HttpStatusCode.OK);
            if (!isOpen)
            {
                Refusal = await OpenRefusedException.ReadAsync(response, cancellationToken);
            }

            return response;
        }
    }
}
