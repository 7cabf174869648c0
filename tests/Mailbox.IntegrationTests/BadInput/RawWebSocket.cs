using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>A WebSocket client that sends any frame, right or wrong (RFC 6455 section 5.2).</summary>
internal sealed class RawWebSocket : IAsyncDisposable
{
    public const int Continuation = 0;
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RawHttp _raw;

    private RawWebSocket(RawHttp raw) => _raw = raw;

    private NetworkStream Stream => _raw.Stream;

    public static async Task<RawWebSocket> OpenAsync(Uri node, string mailbox, string query = "?ack=client")
    {
        var socket = new RawWebSocket(await RawHttp.ConnectAsync(node));
        await socket._raw.WriteAsync(
            $"GET {MailboxRoutes.ForMailbox(mailbox)}{query} HTTP/1.1\r\nHost: {node.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mailbox.v1\r\n\r\n");
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await socket.ReadAsync(1))[0]);
        }

        head.ToString().ShouldStartWith("HTTP/1.1 101 ");
        return socket;
    }

    public static byte[] Frame(int opcode, byte[] payload, bool isEnd = true, bool isMasked = true, int reserved = 0, ulong? length = null)
    {
        var frame = new List<byte> { (byte)((isEnd ? 0x80 : 0) | (reserved << 4) | opcode) };
        var size = length ?? (ulong)payload.Length;
        var mask = (byte)(isMasked ? 0x80 : 0);
        Span<byte> number = stackalloc byte[8];
        if (size < 126)
        {
            frame.Add((byte)(mask | (byte)size));
        }
        else if (size <= ushort.MaxValue)
        {
            frame.Add((byte)(mask | 126));
            BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)size);
            frame.AddRange(number[..2]);
        }
        else
        {
            frame.Add((byte)(mask | 127));
            BinaryPrimitives.WriteUInt64BigEndian(number, size);
            frame.AddRange(number);
        }

        byte[] key = [0x12, 0x34, 0x56, 0x78];
        if (isMasked)
        {
            frame.AddRange(key);
        }

        frame.AddRange(payload.Select((b, i) => isMasked ? (byte)(b ^ key[i % 4]) : b));
        return [.. frame];
    }

    public static byte[] TextFrame(string text) => Frame(Text, Encoding.UTF8.GetBytes(text));

    public Task SendAsync(params byte[][] frames) => _raw.WriteAsync(frames.SelectMany(frame => frame).ToArray());

    /// <summary>The next text frame.</summary>
    public async Task<string> NextAsync()
    {
        while (true)
        {
            var (opcode, payload) = await ReadFrameAsync();
            switch (opcode)
            {
                case Text:
                    return Encoding.UTF8.GetString(payload);
                case Close:
                    throw new IOException($"Closed with {CodeOf(payload)}.");
            }
        }
    }

    /// <summary>The code that the server closes with, past whatever comes before; null when the connection just ends.</summary>
    public async Task<int?> CloseCodeAsync()
    {
        try
        {
            while (true)
            {
                var (opcode, payload) = await ReadFrameAsync();
                if (opcode == Close)
                {
                    return CodeOf(payload);
                }
            }
        }
        catch (IOException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _raw.DisposeAsync();

    private static int? CodeOf(byte[] payload) => payload.Length < 2 ? null : BinaryPrimitives.ReadUInt16BigEndian(payload);

    private async Task<(int Opcode, byte[] Payload)> ReadFrameAsync()
    {
        var head = await ReadAsync(2);
        var length = head[1] & 0x7F;
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2));
        }
        else if (length == 127)
        {
            length = (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(8));
        }

        return (head[0] & 0x0F, await ReadAsync(length));
    }

    /// <exception cref="IOException">The connection ended, or nothing came.</exception>
    private async Task<byte[]> ReadAsync(int length)
    {
        var bytes = new byte[length];
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await Stream.ReadExactlyAsync(bytes, deadline.Token);
            return bytes;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing came within {Patience}.");
        }
    }
}
