using System.Globalization;
using System.Net.Sockets;

namespace Demos;

/// <summary>One node of the server, as a process on this machine.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Pid">Its process.</param>
internal sealed record DemoNode(Uri Address, int Pid)
{
    /// <summary>Reads <c>http://127.0.0.1:8081=4711</c>; null when it is none.</summary>
    public static DemoNode? Parse(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && Uri.TryCreate(text[..at], UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp &&
            int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? new DemoNode(address, pid)
            : null;
    }

    /// <summary>A connection to it; null when it takes none.</summary>
    public async Task<Socket?> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(Address.Host, Address.Port, cancellation);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<bool> TakesConnectionsAsync(CancellationToken cancellation)
    {
        using var socket = await ConnectAsync(cancellation);
        return socket is not null;
    }
}
