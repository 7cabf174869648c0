using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Transports;

/// <summary>What goes in comes out, byte for byte, in every envelope; raw SSE promises UTF-8 text with line ends as LF.</summary>
public class Bodies(Cluster cluster)
{
    private static readonly int[] Sizes = [1, 2, 63, 64, 65, 1_000, 4_096, 16_385, 65_535, 65_536];

    private static readonly Dictionary<string, byte[]> Special = new()
    {
        ["empty"] = [],
        ["NUL"] = [0],
        ["NUL within"] = "a\0b\0"u8.ToArray(),
        ["CR"] = "\r"u8.ToArray(),
        ["LF"] = "\n"u8.ToArray(),
        ["line ends"] = "\r\n\n\ra\rb\nc\r\nd\r\n"u8.ToArray(),
        ["looks like an event"] = "x\n\nid: 1\nevent: mailbox.reset\ndata: {}\n\n"u8.ToArray(),
        ["looks like a comment"] = ": x\n:"u8.ToArray(),
        ["leading space"] = " a"u8.ToArray(),
        ["quotes and backslashes"] = "\"\\\"</script>\u2028\u2029"u8.ToArray(),
        ["a byte order mark"] = "\uFEFFbom"u8.ToArray(),
        ["text"] = "grüße, мир, 世界, 👩‍👩‍👧"u8.ToArray(),
        ["not UTF-8"] = [0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0d, 0x0a],
        ["half a character"] = [0xe4, 0xb8],
        ["overlong"] = [0xc0, 0xaf],
    };

    public static MatrixTheoryData<Way, TransportDoor> WaysAndDoors { get; } = new(Ways.All, Sender.Doors);

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task Special_bodies_survive(Way way, TransportDoor door) =>
        await SurviveAsync(way, door, [.. Special.Values]);

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task Text_of_every_size_survives(Way way, TransportDoor door) =>
        await SurviveAsync(way, door, [.. Sizes.Select(TextOf)]);

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task Random_bytes_of_every_size_survive(Way way, TransportDoor door) =>
        await SurviveAsync(way, door, [.. Sizes.Select(BytesOf)]);

    [Fact]
    public async Task Every_body_survives_the_envelope_format_of_server_sent_events()
    {
        var mailbox = Names.Fresh("envelope");
        await using var receiver = await cluster.B.OpenAsync(
            Way.Sse, mailbox, new ReceiverOptions { Format = "envelope" });
        foreach (var body in Special.Values.Append(TextOf(65_536)).Append(BytesOf(65_536)))
        {
            await using var sender = cluster.SenderOf(TransportDoor.Rest);
            var sent = await sender.SendAsync(mailbox, body);
            var message = await receiver.MessageAsync();
            message.Id.ShouldBe(sent.Id);
            message.Body.ShouldBe(body);
        }
    }

    private async Task SurviveAsync(Way way, TransportDoor door, byte[][] bodies)
    {
        var mailbox = Names.Fresh("bodies");
        await using var sender = cluster.SenderOf(door);
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        foreach (var body in bodies)
        {
            (await sender.SendAsync(mailbox, body)).IsAccepted.ShouldBeTrue();
        }

        foreach (var body in bodies)
        {
            var message = await receiver.MessageAsync();
            var expected = way == Way.Sse && IsText(body) ? WithLineFeeds(body) : body;
            Encoding.Latin1.GetString(message.Body).ShouldBe(Encoding.Latin1.GetString(expected));
        }
    }

    private static bool IsText(byte[] body) => System.Text.Unicode.Utf8.IsValid(body);

    private static byte[] WithLineFeeds(byte[] body) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(body)
            .Replace("\r\n", "\n", StringComparison.Ordinal)
            .Replace('\r', '\n'));

    /// <summary>Exactly so many bytes of text, with characters of one to four bytes.</summary>
    private static byte[] TextOf(int size)
    {
        var text = new StringBuilder();
        string[] pieces = ["a", "ß", "世", "👋", "\n", "\"", "\r\n", "\\", "\t"];
        var random = new Random(size);
        var length = 0;
        while (length < size)
        {
            var piece = pieces[random.Next(pieces.Length)];
            var bytes = Encoding.UTF8.GetByteCount(piece);
            if (length + bytes <= size)
            {
                text.Append(piece);
                length += bytes;
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] BytesOf(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        bytes[0] |= 0x80; // a bare body that begins with 0x01 would be an envelope
        return bytes;
    }
}
