using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mailbox.IntegrationTests.Proxy;

/// <summary>A backend that answers byte for byte what it is told, and ends its connections as no good one does.</summary>
internal sealed class RawBackend : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, Func<Socket, Task>> _answers = new(StringComparer.Ordinal);
    private int _paths;

    public RawBackend()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>The request heads that came.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <returns>The last segment of the path that is answered so; then the connection is closed.</returns>
    public string On(Func<Socket, Task> answer)
    {
        var path = $"raw{Interlocked.Increment(ref _paths)}";
        _answers[path] = answer;
        return path;
    }

    /// <summary>Sends this, and nothing more.</summary>
    public string On(string answer) => On(socket => SendAsync(socket, answer));

    public static Task SendAsync(Socket socket, string text) => socket.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The connection breaks: the other side gets a reset instead of an end.</summary>
    public static void Reset(Socket socket) => socket.LingerState = new LingerOption(enable: true, seconds: 0);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            var head = new StringBuilder();
            var buffer = new byte[4096];
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var read = await socket.ReceiveAsync(buffer);
                if (read == 0)
                {
                    return;
                }

                head.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            Heads.Enqueue(head.ToString());
            await _answers[head.ToString().Split(' ')[1].Split('/', '?')[2]](socket);
        }
    }
}
