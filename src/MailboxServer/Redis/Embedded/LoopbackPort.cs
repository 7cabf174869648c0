using System.Net;
using System.Net.Sockets;

namespace Mailbox.Redis.Embedded;

/// <summary>The loopback port of an engine, before and after the engine listens on it.</summary>
internal static class LoopbackPort
{
    private static readonly byte[] Ping = "*1\r\n$4\r\nPING\r\n"u8.ToArray();
    private static readonly byte[] Pong = "+PONG\r\n"u8.ToArray();

    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Somebody else's Redis would answer in the engine's place, and the server would write into it.</summary>
    public static bool IsTaken(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var answer = new byte[Pong.Length];
        var length = 0;
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            await socket.SendAsync(Ping, cancellation);
            while (length < answer.Length)
            {
                var read = await socket.ReceiveAsync(answer.AsMemory(length), cancellation);
                if (read == 0)
                {
                    return false;
                }

                length += read;
            }
        }
        catch (SocketException)
        {
            return false;
        }

        // Before the engine listens, a connect to its port may meet itself and hear its own PING.
        return answer.AsSpan().SequenceEqual(Pong);
    }
}
