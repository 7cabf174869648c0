using System.Buffers.Binary;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Hostile;

/// <summary>One request over HTTP/2 with prior knowledge, whose header fields may be anything (RFC 9113, RFC 7541 section 6.2.2).</summary>
internal static class RawHttp2
{
    private const int Data = 0;
    private const int Head = 1;
    private const int Reset = 3;
    private const int Settings = 4;
    private const int GoAway = 7;
    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <returns>The body that answers it, or <c>RST</c> or <c>GOAWAY</c> with the error code.</returns>
    public static Task<string> SendAsync(Uri node, IEnumerable<(string Name, string Value)> fields, string body, IEnumerable<(string, string)>? trailers = null) =>
        SendAsync(node, fields, [body], trailers);

    /// <param name="node">Where it speaks HTTP/2.</param>
    /// <param name="fields">Of the head.</param>
    /// <param name="body">A frame each, with a pause before each that follows.</param>
    /// <param name="trailers">Behind the body.</param>
    public static async Task<string> SendAsync(
        Uri node, IEnumerable<(string Name, string Value)> fields, string[] body, IEnumerable<(string, string)>? trailers = null)
    {
        await using var raw = await RawHttp.ConnectAsync(node);
        byte[] trailing = trailers is null ? [] : Frame(Head, EndHeaders | EndStream, Block(trailers));
        byte[] beginning = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, [], stream: 0), .. Frame(Head, EndHeaders, Block(fields))];
        for (var i = 0; i < body.Length; i++)
        {
            var isLast = i == body.Length - 1;
            var data = Frame(Data, isLast && trailers is null ? EndStream : (byte)0, Encoding.Latin1.GetBytes(body[i]));
            await raw.WriteAsync((byte[])[.. i == 0 ? beginning : [], .. data, .. isLast ? trailing : []]);
            await Task.Delay(isLast ? TimeSpan.Zero : Between);
        }

        using var deadline = new CancellationTokenSource(Patience);
        var head = new byte[9];
        var answer = new StringBuilder();
        while (true)
        {
            await raw.Stream.ReadExactlyAsync(head, deadline.Token);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await raw.Stream.ReadExactlyAsync(payload, deadline.Token);
            switch (head[3])
            {
                case GoAway:
                    return $"GOAWAY {BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4))}";
                case Reset:
                    return $"RST {BinaryPrimitives.ReadInt32BigEndian(payload)}";
                case Settings when (head[4] & Ack) == 0:
                    await raw.WriteAsync(Frame(Settings, Ack, [], stream: 0));
                    break;
                case Data:
                    answer.Append(Encoding.UTF8.GetString(payload));
                    break;
            }

            if (head[3] is Data or Head && (head[4] & EndStream) != 0)
            {
                return answer.ToString();
            }
        }
    }

    private static byte[] Frame(byte type, byte flags, byte[] payload, byte stream = 1) =>
        [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, stream, .. payload];

    /// <summary>Literal fields that nobody indexes, without Huffman codes.</summary>
    private static byte[] Block(IEnumerable<(string Name, string Value)> fields) =>
        [.. fields.SelectMany(field => (byte[])[0, .. Text(field.Name), .. Text(field.Value)])];

    private static byte[] Text(string text) => text.Length < 127
        ? [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)]
        : throw new ArgumentException("A longer one has another form.", nameof(text));
}
