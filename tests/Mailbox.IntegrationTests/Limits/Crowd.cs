using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>Many TCP connections to one node from one address of the loopback, none of which keeps to any rule.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(60);

    private readonly List<Socket> _members = [];

    public IReadOnlyList<Socket> Members => _members;

    /// <param name="node">Where to.</param>
    /// <param name="count">How many.</param>
    /// <param name="from">One of 127.0.0.0/8.</param>
    public static async Task<Crowd> GatherAsync(Uri node, int count, string from = "127.0.0.2")
    {
        var crowd = new Crowd();
        using var deadline = new CancellationTokenSource(ConnectPatience);
        foreach (var some in Enumerable.Range(0, count).Chunk(200))
        {
            crowd._members.AddRange(await Task.WhenAll(some.Select(_ => ConnectAsync(node, IPAddress.Parse(from), deadline.Token))));
        }

        return crowd;
    }

    /// <summary>Each sends this. Who was closed already does not matter.</summary>
    public async Task SendAsync(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        foreach (var some in _members.Chunk(200))
        {
            await Task.WhenAll(some.Where(member => member.Connected).Select(member => QuietlyAsync(async () => await member.SendAsync(bytes))));
        }
    }

    /// <summary>How many of them the node has closed.</summary>
    public int CountClosed() => _members.Count(IsClosed);

    /// <summary>What has arrived at each, without waiting.</summary>
    public IEnumerable<string> Arrived()
    {
        var buffer = new byte[64 * 1024];
        foreach (var member in _members)
        {
            var text = new StringBuilder();
            while (IsReadable(member) && Receive(member, buffer) is > 0 and var count)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            yield return text.ToString();
        }
    }

    public ValueTask DisposeAsync()
    {
        _members.ForEach(member => member.Dispose());
        return ValueTask.CompletedTask;
    }

    private static async Task<Socket> ConnectAsync(Uri node, IPAddress from, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(from, 0));
        try
        {
            await socket.ConnectAsync(node.Host, node.Port, cancellation);
        }
        catch (SocketException)
        {
            // Closed by the node at once.
        }

        return socket;
    }

    private static bool IsReadable(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static int Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task QuietlyAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (SocketException)
        {
            // Closed by the node, which is what is counted.
        }
    }
}
