using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Mailbox.ClientTests;

/// <summary>Connections of a client's own, WebSockets among them, that can all be cut.</summary>
internal sealed class CutHandler : IDisposable
{
    private readonly ConcurrentBag<Socket> _sockets = [];

    public CutHandler() => Handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectAsync };

    public SocketsHttpHandler Handler { get; }

    /// <summary>Resets every connection that there is.</summary>
    public void Cut()
    {
        while (_sockets.TryTake(out var socket))
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }

            socket.Dispose();
        }
    }

    public void Dispose() => Handler.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellation);
        _sockets.Add(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
