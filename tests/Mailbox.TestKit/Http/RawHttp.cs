using System.Net.Sockets;
using System.Text;

namespace Mailbox.TestKit;

/// <summary>
/// A TCP connection that sends what it is told, byte for byte: for requests that HttpClient refuses to send or would put
/// right, half requests, and clients that stop reading.
/// </summary>
public sealed class RawHttp : IAsyncDisposable
{
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    private readonly TcpClient _client;
    private readonly RawResponseReader _reader;

    private RawHttp(TcpClient client)
    {
        _client = client;
        Stream = client.GetStream();
        _reader = new RawResponseReader(Stream);
    }

    /// <summary>The connection itself, for what the methods do not do.</summary>
    public NetworkStream Stream { get; }

    /// <param name="receiveBuffer">Bytes that the system may hold for us unread; small for a client that stops reading.</param>
    public static async Task<RawHttp> ConnectAsync(
        Uri node, int? receiveBuffer = null, CancellationToken cancellationToken = default)
    {
        var client = new TcpClient { NoDelay = true };
        if (receiveBuffer is { } size)
        {
            client.ReceiveBufferSize = size;
        }

        try
        {
            await client.ConnectAsync(node.Host, node.Port, cancellationToken).AsTask()
                .WaitAsync(DefaultDeadline, cancellationToken);
            return new RawHttp(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>One request on a connection of its own. Each character below 256 is one byte.</summary>
    /// <exception cref="TimeoutException">No whole answer in time, and the connection is still open.</exception>
    public static Task<RawResponse> SendAsync(Uri node, string request, TimeSpan? timeout = null) =>
        SendAsync(node, Encoding.Latin1.GetBytes(request), timeout);

    /// <inheritdoc cref="SendAsync(Uri, string, TimeSpan?)"/>
    public static async Task<RawResponse> SendAsync(Uri node, ReadOnlyMemory<byte> request, TimeSpan? timeout = null)
    {
        await using var raw = await ConnectAsync(node);
        var writing = raw.WriteAsync(request);
        var response = await raw.ReadResponseAsync(timeout ?? DefaultDeadline, request.Span.StartsWith("HEAD "u8));
        try
        {
            await writing;
        }
        catch (IOException)
        {
            // The server answered, and closed before it had read all.
        }

        return response;
    }

    /// <summary>A request with this target exactly as it is written, and <c>Connection: close</c>.</summary>
    public static Task<RawResponse> RequestAsync(
        Uri node, string method, string target, string body = "", params (string Name, string Value)[] headers)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {node.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (body.Length > 0)
        {
            head.Append("Content-Length: ").Append(body.Length).Append("\r\n");
        }

        return SendAsync(node, head.Append("\r\n").Append(body).ToString());
    }

    /// <exception cref="IOException">The other side is gone, or did not read within 10 s.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = new CancellationTokenSource(DefaultDeadline);
        try
        {
            await Stream.WriteAsync(bytes, deadline.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new IOException($"The other side did not read within {DefaultDeadline}.", exception);
        }
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte})"/>
    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>The next response, past any 1xx but 101. A connection that closes instead gives status 0.</summary>
    /// <exception cref="TimeoutException">No whole answer in time.</exception>
    public async Task<RawResponse> ReadResponseAsync(TimeSpan timeout, bool isHead = false)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            return await _reader.ReadAsync(isHead, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No whole response within {timeout}; so far: {_reader.Describe()}");
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
