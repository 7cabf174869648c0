using System.Text;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.BadInput;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>Frames that nobody asked for, of WebSockets and of HTTP/2.</summary>
[Collection(Alone.Name)]
public class FrameFloods(Cluster cluster, ITestOutputHelper output)
{
    private const int Pong = 10;

    [Theory]
    [InlineData("pings")]
    [InlineData("pongs")]
    [InlineData("fragments without end")]
    [InlineData("acknowledgements")]
    public async Task A_client_that_floods_its_socket_is_closed_and_its_messages_stay(string what)
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:FramesPerSecond", "50"));
        var mailbox = Names.Fresh("flood-frames");
        (await node.DeliverAsync(mailbox, "stays")).Status.ShouldBe(202);
        await using var memory = new MemoryWatch(node, output);
        await using var socket = await RawWebSocket.OpenAsync(node.BaseAddress, mailbox);
        var closing = socket.CloseCodeAsync();
        byte[][] flood = what switch
        {
            "pings" => Repeat(RawWebSocket.Frame(RawWebSocket.Ping, [])),
            "pongs" => Repeat(RawWebSocket.Frame(Pong, [])),
            "acknowledgements" => Repeat(RawWebSocket.TextFrame("""{"ack":"AQAAAAAAAAGhx1kYipmcNmdbl9r7ZwMfLBYXeZICr9s"}""")),
            _ => [RawWebSocket.Frame(RawWebSocket.Text, [], isEnd: false), .. Repeat(RawWebSocket.Frame(RawWebSocket.Continuation, [], isEnd: false))],
        };
        try
        {
            while (!closing.IsCompleted)
            {
                await socket.SendAsync(flood);
            }
        }
        catch (IOException)
        {
            // Closed by the node.
        }

        (await closing).ShouldBe(1008);
        await node.WaitUntilAbsentAsync(mailbox);
        (await node.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
        memory.StaysWithin(100);
    }

    [Fact]
    public async Task Acks_at_an_honest_pace_are_no_flood()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:FramesPerSecond", "50"));
        var mailbox = Names.Fresh("honest-frames");
        await using var receiver = await node.OpenAsync(Way.WebSocket, mailbox, new ReceiverOptions { Ack = "client" });
        for (var i = 0; i < 90; i++)
        {
            (await node.DeliverAsync(mailbox, $"m{i}")).Status.ShouldBeOneOf(201, 202);
            await receiver.AckAsync((await receiver.MessageAsync()).Cursor!);
        }

        await node.WaitUntilKeptAsync(mailbox, 0);
    }

    [Fact]
    public async Task Opens_over_http2_that_are_reset_at_once_leave_nothing_open()
    {
        await using var node = await cluster.StartNodeAsync();
        await using var memory = new MemoryWatch(node, output);
        var mailbox = Names.Fresh("flood-reset");
        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ResetAsync(node.Http2Address!, $"{mailbox}-{i}", 5_000)));
        output.WriteLine($"{sent.Sum()} opens were reset");
        sent.Sum().ShouldBeGreaterThan(100);
        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/info")).Json is var info &&
                info.GetProperty("connections").GetInt32() == 0 && info.GetProperty("wakeChannels").GetInt32() == 0,
            Patience.Start,
            "no stream is left open");
        await using var after = await node.OpenAsync(Way.WebSocketOverHttp2, mailbox);
        await after.NextIsAsync(ControlEvents.Open);
        memory.StaysWithin(300);
    }

    private static byte[][] Repeat(byte[] frame) => [.. Enumerable.Repeat(frame, 200)];

    /// <summary>Opens and resets one stream after the other (CVE-2023-44487). Returns how many before the node closed.</summary>
    private static async Task<int> ResetAsync(Uri node, string mailbox, int count)
    {
        await using var raw = await RawHttp.ConnectAsync(node);
        await raw.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await raw.WriteAsync(Http2Frame(4, 0, 0, []));
        byte[] headers =
        [
            0x82, 0x86, // :method GET, :scheme http
            .. Literal(4, MailboxRoutes.ForMailbox(mailbox)), .. Literal(1, node.Authority), .. Literal(19, "text/event-stream"),
        ];
        var reading = raw.Stream.CopyToAsync(Stream.Null);
        var sent = 0;
        try
        {
            for (var stream = 1; sent < count && !reading.IsCompleted; stream += 2, sent++)
            {
                await raw.WriteAsync((byte[])[.. Http2Frame(1, 0x5, stream, headers), .. Http2Frame(3, 0, stream, [0, 0, 0, 8])]);
            }
        }
        catch (IOException)
        {
            // It had enough.
        }

        await raw.DisposeAsync();
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return sent;
    }

    /// <summary>RFC 9113 section 4.1.</summary>
    private static byte[] Http2Frame(byte type, byte flags, int stream, byte[] payload) =>
    [
        (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags,
        (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload,
    ];

    /// <summary>RFC 7541 section 6.2.2: a value for a name of the static table, without Huffman.</summary>
    private static byte[] Literal(int name, string value)
    {
        var text = Encoding.ASCII.GetBytes(value);
        text.Length.ShouldBeLessThan(127);
        return [.. name < 15 ? (byte[])[(byte)name] : [0x0F, (byte)(name - 15)], (byte)text.Length, .. text];
    }
}
