using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// One JSON envelope a text frame, subprotocol <c>mailbox.v1</c>, over HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441). The
/// client acknowledges with <c>{"ack":"cursor"}</c>; anything else that it sends is a policy violation.
/// </summary>
internal sealed class WebSocketTransport(TimeSpan heartbeat, TimeSpan writeDeadline) : ITransport
{
    public const string SubProtocol = "mailbox.v1";

    /// <summary>An acknowledgement is about 60 bytes.</summary>
    private const int MaxFrameBytes = 4_096;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private const int Unauthorized = 4401;
    private const int Replaced = 4409;
    private const int ServiceRestart = 1012;

    public async Task<SessionEventKind> RunAsync(HttpContext http, Session session)
    {
        session.Timer.CutOff = http.Abort;
        var context = new WebSocketAcceptContext
        {
            SubProtocol = http.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol) ? SubProtocol : null,
            KeepAliveInterval = heartbeat,
            KeepAliveTimeout = writeDeadline,
        };
        using var socket = await http.WebSockets.AcceptWebSocketAsync(context);
        var reading = ReadAsync(socket, session, http.Features.Get<FrameMeter>(), http.RequestAborted);
        var end = SessionEventKind.Aborted;
        try
        {
            end = await WriteAsync(socket, session, http.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client is gone.
        }

        // The client's own close ends the reading; one that does not answer is not waited for.
        await Task.WhenAny(reading, Task.Delay(ClosePatience, http.RequestAborted));
        if (!reading.IsCompleted)
        {
            socket.Abort(); // resets the connection: a close code that is still on its way would be lost with it
        }

        await reading;
        return end;
    }

    /// <summary>Ends a socket that may not open, with the code that says why.</summary>
    public static async Task RefuseAsync(HttpContext http, int code, string reason)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(
            http.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol) ? SubProtocol : null);
        await CloseAsync(socket, code, reason);
    }

    public static Task RefuseReplacedAsync(HttpContext http) => RefuseAsync(http, Replaced, "replaced");

    private static async Task<SessionEventKind> WriteAsync(WebSocket socket, Session session, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        while (true)
        {
            var next = await session.NextAsync(cancellation);
            switch (next.Kind)
            {
                case SessionEventKind.Messages:
                    foreach (var message in next.Messages)
                    {
                        buffer.ResetWrittenCount();
                        EnvelopeWriter.WriteMessage(buffer, message, next.Cursor.Receiver);
                        await SendAsync(socket, session, buffer.WrittenMemory, cancellation);
                    }

                    break;
                case SessionEventKind.Heartbeat:
                    break; // the socket's own pings do this
                case SessionEventKind.Aborted or SessionEventKind.Deadline:
                    return next.Kind;
                case SessionEventKind.Superseded:
                    await CloseAsync(socket, (int)WebSocketCloseStatus.NormalClosure, "superseded");
                    return next.Kind;
                default:
                    buffer.ResetWrittenCount();
                    EnvelopeWriter.WriteControl(buffer, next);
                    await SendAsync(socket, session, buffer.WrittenMemory, cancellation);
                    break;
            }

            if (next.EndsSession)
            {
                var (code, reason) = next.Kind switch
                {
                    SessionEventKind.Replaced => (Replaced, "replaced"),
                    SessionEventKind.Unauthorized => (Unauthorized, "unauthorized"),
                    _ => (ServiceRestart, "draining"),
                };
                await CloseAsync(socket, code, reason);
                return next.Kind;
            }
        }
    }

    private static async ValueTask SendAsync(
        WebSocket socket, Session session, ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        session.Timer.WriteBegins();
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        catch
        {
            session.Timer.WriteFails();
            throw;
        }
        finally
        {
            session.Timer.WriteEnds();
        }
    }

    /// <summary>Reads acknowledgements until the client closes, breaks the rules or is gone; then ends the session.</summary>
    private static async Task ReadAsync(WebSocket socket, Session session, FrameMeter? meter, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFrameBytes];
        try
        {
            var acks = ReadAcksAsync(socket, session, buffer, cancellation);
            if (meter is not null && await Task.WhenAny(acks, meter.Passed) != acks)
            {
                // The socket answers pings by itself, and would go on with that.
                await CloseAsync(socket, (int)WebSocketCloseStatus.PolicyViolation, "too many frames");
                session.Signal.Raise(SessionReasons.Abort);
            }

            meter?.Answer();

            var (status, reason) = await acks;
            await CloseAsync(socket, (int)status, reason);
            session.Signal.Raise(SessionReasons.Abort);

            // The rest of what the client sent, up to its own close: a connection that ends with bytes unread is reset, and
            // takes with it what is still on its way to the client, which then never learns the reason.
            while (socket.State == WebSocketState.CloseSent)
            {
                await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client is gone; or it broke the protocol itself, and the socket has told it so.
        }
        finally
        {
            session.Signal.Raise(SessionReasons.Abort); // whatever ended it: no stream goes on deaf to acknowledgements
        }

        if (socket.State == WebSocketState.Aborted)
        {
            // After a breach of the protocol nothing more can be read; but its close code is still on its way.
            await Task.Delay(ClosePatience, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns how to close.</summary>
    private static async Task<(WebSocketCloseStatus Status, string Reason)> ReadAcksAsync(
        WebSocket socket, Session session, byte[] buffer, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                return (WebSocketCloseStatus.MessageTooBig, "an acknowledgement is far smaller");
            }

            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return (WebSocketCloseStatus.NormalClosure, "");
            }

            if (!received.EndOfMessage)
            {
                continue;
            }

            if (received.MessageType != WebSocketMessageType.Text || !TryReadAck(buffer.AsSpan(0, length), out var cursor))
            {
                return (WebSocketCloseStatus.PolicyViolation, "expected {\"ack\":\"<cursor>\"}");
            }

            length = 0;
            if (socket.State == WebSocketState.Open)
            {
                await AckAsync(session, cursor, cancellation);
            }
        }
    }

    /// <summary>
    /// A refused acknowledgement needs no answer: another receiver's takeover and a reset are told by the stream itself,
    /// and when the store is away the message comes again after the next open.
    /// </summary>
    private static async Task AckAsync(Session session, Cursor cursor, CancellationToken cancellation)
    {
        try
        {
            await session.AckAsync(cursor, cancellation);
        }
        catch (StoreException)
        {
        }
    }

    private static bool TryReadAck(ReadOnlySpan<byte> frame, out Cursor cursor)
    {
        cursor = default;
        try
        {
            var reader = new Utf8JsonReader(frame);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject &&
                reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("ack"u8) &&
                reader.Read() && reader.TokenType == JsonTokenType.String && Cursor.TryParse(reader.GetString(), out cursor) &&
                reader.Read() && reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task CloseAsync(WebSocket socket, int code, string reason)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var patience = new CancellationTokenSource(ClosePatience);
            try
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, patience.Token);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // The client does not read any more.
            }
        }
    }
}
