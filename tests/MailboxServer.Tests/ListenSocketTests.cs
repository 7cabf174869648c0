using System.Net;
using System.Net.Sockets;
using Mailbox;

namespace MailboxServer.Tests;

/// <summary>What the listening socket passes on to the connections that it accepts, by the kernel's own word.</summary>
public sealed class ListenSocketTests
{
    [Fact]
    public void Create_AcceptedConnection_GivesUpAClientThatIsGoneWithinTheDeadline()
    {
        using var listening = ListenSocket.Create(new IPEndPoint(IPAddress.Loopback, 0), TimeSpan.FromSeconds(20));
        listening.Listen();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listening.LocalEndPoint!);
        using var accepted = listening.Accept();

        ((int)accepted.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!).ShouldNotBe(0);
        var idle = (int)accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!;
        var interval = (int)accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!;
        var probes = (int)accepted.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!;
        (idle + (interval * probes)).ShouldBeInRange(1, 20);
        if (OperatingSystem.IsLinux())
        {
            var timeout = new byte[sizeof(int)];
            accepted.GetRawSocketOption(6, 18, timeout); // TCP_USER_TIMEOUT
            BitConverter.ToInt32(timeout).ShouldBe(20_000);
        }
    }

    [Fact]
    public void Create_UnixSocket_IsLeftAsItIs()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var listening = ListenSocket.Create(new UnixDomainSocketEndPoint(path), TimeSpan.FromSeconds(20)))
        {
            File.Exists(path).ShouldBeTrue();
        }

        File.Delete(path);
    }
}
