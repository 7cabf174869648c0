using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Mailbox;

/// <summary>
/// The socket that the server listens on; what is set here, every connection inherits. A client whose network went away
/// says no goodbye, and the heartbeats of a quiet stream fit into the kernel's buffer: no flush would miss the write
/// deadline, and the receiver would count as present for the quarter of an hour that the kernel tries to reach it.
/// </summary>
internal static class ListenSocket
{
    private const int TcpLevel = 6;
    private const int LinuxUserTimeout = 18;
    private const int KeepAliveProbes = 3;

    /// <param name="endpoint">Where to listen.</param>
    /// <param name="deadline">How long what was sent may stay unanswered by the client's system.</param>
    public static Socket Create(EndPoint endpoint, TimeSpan deadline)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (endpoint is not IPEndPoint)
        {
            return socket; // a Unix socket's other end is on this machine
        }

        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, LinuxUserTimeout, BitConverter.GetBytes((int)deadline.TotalMilliseconds));
        }

        // The other systems have no such limit; a connection on which nothing is under way is probed everywhere.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(deadline / 2));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(deadline / 2 / KeepAliveProbes));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        return socket;
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
