using System.Buffers;
using System.Net.WebSockets;
using Mailbox.Mailboxes;

namespace Mailbox.Transports;

/// <summary>
/// One JSON envelope a text frame, subprotocol <c>mailbox.v1</c>, over HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441). What the
/// client may say is told by its <see cref="IClientFrames"/>; anything else that it sends is a policy violation.
/// </summary>
internal sealed class WebSocketTransport(TimeSpan heartbeat, TimeSpan writeDeadline) : ITransport<Session>
{
    public const string SubProtocol = "mailbox.v1";

    /// <summary>An acknowledgement is about 60 bytes, with the longest name of a mailbox 200.</summary>
    private const int MaxFrameBytes = 4_096;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private const int Unauthorized = 4401;
    private const int Replaced = 4409;
    private const int ServiceRestart = 1012;

    public Task<SessionEventKind> RunAsync(HttpContext http, Session source) => RunAsync(http, source, new AckFrames(source));

    public async Task<SessionEventKind> RunAsync(HttpContext http, IEventSource source, IClientFrames frames)
    {
        source.Timer.CutOff = http.Abort;
        var context = new WebSocketAcceptContext
        {
            SubProtocol = http.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol) ? SubProtocol : null,
            KeepAliveInterval = heartbeat,
            KeepAliveTimeout = writeDeadline,
        };
        using var socket = await http.WebSockets.AcceptWebSocketAsync(context);
        var reading = ReadAsync(socket, source, frames, http.Features.Get<FrameMeter>(), http.RequestAborted);
        var end = SessionEventKind.Aborted;
        try
        {
            end = await WriteAsync(socket, source, http.RequestAborted);
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

    private static async Task<SessionEventKind> WriteAsync(WebSocket socket, IEventSource source, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        while (true)
        {
            var next = await source.NextAsync(cancellation);
            switch (next.Kind)
            {
                case SessionEventKind.Messages:
                    foreach (var message in next.Messages)
                    {
                        buffer.ResetWrittenCount();
                        EnvelopeWriter.WriteMessage(buffer, message, next.Cursor.Receiver, next.Seat);
                        await SendAsync(socket, source.Timer, buffer.WrittenMemory, cancellation);
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
                    await SendAsync(socket, source.Timer, buffer.WrittenMemory, cancellation);
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
        WebSocket socket, SessionTimer timer, ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        timer.WriteBegins();
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        catch
        {
            timer.WriteFails();
            throw;
        }
        finally
        {
            timer.WriteEnds();
        }
    }

    /// <summary>Reads what the client says until it closes, breaks the rules or is gone; then ends the source.</summary>
    private static async Task ReadAsync(
        WebSocket socket, IEventSource source, IClientFrames frames, FrameMeter? meter, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFrameBytes];
        try
        {
            var reading = ReadFramesAsync(socket, frames, buffer, cancellation);
            if (meter is not null && await Task.WhenAny(reading, meter.Passed) != reading)
            {
                // The socket answers pings by itself, and would go on with that.
                await CloseAsync(socket, (int)WebSocketCloseStatus.PolicyViolation, "too many frames");
                source.Signal.Raise(SessionReasons.Abort);
            }

            meter?.Answer();

            var (status, reason) = await reading;
            await CloseAsync(socket, (int)status, reason);
            source.Signal.Raise(SessionReasons.Abort);

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
            source.Signal.Raise(SessionReasons.Abort); // whatever ended it: no stream goes on deaf to acknowledgements
        }

        if (socket.State == WebSocketState.Aborted)
        {
            // After a breach of the protocol nothing more can be read; but its close code is still on its way.
            await Task.Delay(ClosePatience, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns how to close.</summary>
    private static async Task<(WebSocketCloseStatus Status, string Reason)> ReadFramesAsync(
        WebSocket socket, IClientFrames frames, byte[] buffer, CancellationToken cancellation)
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

            if (received.MessageType != WebSocketMessageType.Text || frames.Read(buffer.AsSpan(0, length)) is not { } frame)
            {
                return (WebSocketCloseStatus.PolicyViolation, frames.Expected);
            }

            length = 0;
            if (socket.State == WebSocketState.Open)
            {
                await frames.TakeAsync(frame, cancellation);
            }
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
