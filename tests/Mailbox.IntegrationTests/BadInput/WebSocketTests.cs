using System.Text;
using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.BadInput;

/// <summary>G11: frames. What breaks a rule closes the connection with the code that says which; nothing is acknowledged by it.</summary>
[Collection(BadInputSite.Name)]
public sealed class WebSocketTests(BadInputSite site)
{
    private static readonly Dictionary<string, (int Code, byte[][] Frames)> Bad = new()
    {
        ["binary"] = (1008, [RawWebSocket.Frame(RawWebSocket.Binary, "{\"ack\":\"x\"}"u8.ToArray())]),
        ["a binary frame of nothing"] = (1008, [RawWebSocket.Frame(RawWebSocket.Binary, [])]),
        ["a text frame of nothing"] = (1008, [RawWebSocket.TextFrame("")]),
        ["text that is no JSON"] = (1008, [RawWebSocket.TextFrame("hello")]),
        ["an empty object"] = (1008, [RawWebSocket.TextFrame("{}")]),
        ["an array"] = (1008, [RawWebSocket.TextFrame("[]")]),
        ["null"] = (1008, [RawWebSocket.TextFrame("null")]),
        ["an ack that is a number"] = (1008, [RawWebSocket.TextFrame("{\"ack\":5}")]),
        ["an ack that is null"] = (1008, [RawWebSocket.TextFrame("{\"ack\":null}")]),
        ["an ack that is junk"] = (1008, [RawWebSocket.TextFrame("{\"ack\":\"junk\"}")]),
        ["an ack that is a message id"] = (1008, [RawWebSocket.TextFrame("{\"ack\":\"0123456789abcdef-1\"}")]),
        ["an ack that is half a surrogate pair"] = (1008, [RawWebSocket.TextFrame("{\"ack\":\"\\ud800\"}")]),
        ["an ack and something else"] = (1008, [RawWebSocket.TextFrame($$"""{"ack":"{{Cursors.Made}}","x":1}""")]),
        ["an ack twice"] = (1008, [RawWebSocket.TextFrame($$"""{"ack":"{{Cursors.Made}}","ack":"{{Cursors.Made}}"}""")]),
        ["an ack and a second object"] = (1008, [RawWebSocket.TextFrame($$"""{"ack":"{{Cursors.Made}}"}{}""")]),
        ["1,000 deep"] = (1008, [RawWebSocket.TextFrame("{\"ack\":" + new string('[', 1_000) + new string(']', 1_000) + "}")]),
        ["4,097 bytes"] = (1009, [RawWebSocket.TextFrame(new string('a', 4_097))]),
        ["70,000 bytes"] = (1009, [RawWebSocket.TextFrame(new string('a', 70_000))]),
        ["1,000,000 bytes"] = (1009, [RawWebSocket.TextFrame(new string('a', 1_000_000))]),
        ["a length of 2^62"] = (1009, [RawWebSocket.Frame(RawWebSocket.Text, new byte[5_000], length: 1UL << 62)]),
        ["fragments without an end"] = (1009,
        [
            RawWebSocket.Frame(RawWebSocket.Text, new byte[100], isEnd: false),
            .. Enumerable.Repeat(RawWebSocket.Frame(RawWebSocket.Continuation, new byte[100], isEnd: false), 50),
        ]),
        ["no mask"] = (1002, [RawWebSocket.Frame(RawWebSocket.Text, "{\"ack\":\"x\"}"u8.ToArray(), isMasked: false)]),
        ["a reserved bit"] = (1002, [RawWebSocket.Frame(RawWebSocket.Text, "{}"u8.ToArray(), reserved: 4)]),
        ["an unknown opcode"] = (1002, [RawWebSocket.Frame(3, "{}"u8.ToArray())]),
        ["a continuation of nothing"] = (1002, [RawWebSocket.Frame(RawWebSocket.Continuation, "{}"u8.ToArray())]),
        ["a new message within one"] = (1002,
        [
            RawWebSocket.Frame(RawWebSocket.Text, "{"u8.ToArray(), isEnd: false), RawWebSocket.TextFrame("{}"),
        ]),
        ["a ping in fragments"] = (1002, [RawWebSocket.Frame(RawWebSocket.Ping, [], isEnd: false)]),
        ["a ping of 126 bytes"] = (1002, [RawWebSocket.Frame(RawWebSocket.Ping, new byte[126])]),
        ["a close of one byte"] = (1002, [RawWebSocket.Frame(RawWebSocket.Close, [3])]),
        ["a close with a code that is none"] = (1002, [RawWebSocket.Frame(RawWebSocket.Close, [0, 5])]),
        ["text that is not UTF-8"] = (1007, [RawWebSocket.Frame(RawWebSocket.Text, [0xFF, 0xFE])]),
        ["a character cut off by the end"] = (1007, [RawWebSocket.Frame(RawWebSocket.Text, [(byte)'{', 0xC3])]),
        ["text that is not UTF-8, in fragments"] = (1007,
        [
            RawWebSocket.Frame(RawWebSocket.Text, [0xC3], isEnd: false), RawWebSocket.Frame(RawWebSocket.Continuation, [0x28]),
        ]),
    };

    public static TheoryData<string> BadNames => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task A_frame_that_breaks_a_rule_closes_the_connection(string name)
    {
        var (code, frames) = Bad[name];
        var mailbox = await site.PrimedAsync();
        await using (var socket = await RawWebSocket.OpenAsync(site.Address, mailbox))
        {
            (await socket.NextAsync()).ShouldContain("\"open\"");
            (await socket.NextAsync()).ShouldContain("before");
            try
            {
                await socket.SendAsync(frames);
            }
            catch (IOException)
            {
                // Closed while we were still sending.
            }

            (await socket.CloseCodeAsync()).ShouldBe(code);
        }

        (await site.InfoAsync(mailbox)).Messages.ShouldBe(1);
        await site.WorksAsync(mailbox, "before");
    }

    [Fact]
    public async Task The_answer_to_a_close_arrives()
    {
        // A connection that is reset behind the answer loses it only now and then.
        var mailbox = await site.PrimedAsync();
        for (var i = 0; i < 30; i++)
        {
            await using var socket = await RawWebSocket.OpenAsync(site.Address, mailbox);
            (await socket.NextAsync()).ShouldContain("\"open\"");
            await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Close, [3, 0xE8])); // 1000
            (await socket.CloseCodeAsync()).ShouldBe(1000);
        }
    }

    [Fact]
    public async Task An_ack_that_does_not_count_leaves_the_connection_and_the_messages()
    {
        var mailbox = await site.PrimedAsync();
        await using var socket = await RawWebSocket.OpenAsync(site.Address, mailbox);
        (await socket.NextAsync()).ShouldContain("\"open\"");
        var cursor = CursorOf(await socket.NextAsync());
        foreach (var wrong in new[]
        {
            Cursors.WithReceiver(cursor, 0x0123_4567_89ab_cdef), Cursors.WithSequence(cursor, 2), Cursors.WithSequence(cursor, Cursors.MaxSequence),
            Cursors.WithGeneration(cursor, 0x0123_4567_89ab_cdef), Cursors.WithCheck(cursor, 0x0123_4567_89ab_cdef), Cursors.Made,
        })
        {
            await socket.SendAsync(RawWebSocket.TextFrame($$"""{"ack":"{{wrong}}"}"""));
        }

        await site.DeliverAsync(mailbox, "second");
        cursor = CursorOf(await socket.NextAsync());
        (await site.InfoAsync(mailbox)).Messages.ShouldBe(2);

        await socket.SendAsync(RawWebSocket.TextFrame($$"""{"ack":"{{cursor}}"}"""));
        await Eventually.HoldsAsync(
            async () => (await site.InfoAsync(mailbox)).Messages == 0, TimeSpan.FromSeconds(10), "the right ack has removed all");
    }

    [Fact]
    public async Task An_ack_may_come_in_fragments_with_pings_between_and_take_its_time()
    {
        var mailbox = await site.PrimedAsync();
        await using var socket = await RawWebSocket.OpenAsync(site.Address, mailbox);
        (await socket.NextAsync()).ShouldContain("\"open\"");
        var ack = Encoding.UTF8.GetBytes($$"""{"ack":"{{CursorOf(await socket.NextAsync())}}"}""");
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Text, ack[..10], isEnd: false));
        await socket.SendAsync(Enumerable.Repeat(RawWebSocket.Frame(RawWebSocket.Continuation, [], isEnd: false), 1_000).ToArray());
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Ping, [1, 2, 3]));

        await site.DeliverAsync(mailbox, "meanwhile");
        (await socket.NextAsync()).ShouldContain("meanwhile");
        await socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Continuation, ack[10..]));
        await Eventually.HoldsAsync(
            async () => (await site.InfoAsync(mailbox)).Messages == 1, TimeSpan.FromSeconds(10), "the ack has removed the first");
    }

    [Fact]
    public async Task A_flood_of_acks_is_worked_off_and_the_stream_goes_on()
    {
        var mailbox = await site.PrimedAsync();
        await using var socket = await RawWebSocket.OpenAsync(site.Address, mailbox);
        (await socket.NextAsync()).ShouldContain("\"open\"");
        var ack = RawWebSocket.TextFrame($$"""{"ack":"{{CursorOf(await socket.NextAsync())}}"}""");
        await socket.SendAsync(Enumerable.Repeat(ack, 3_000).ToArray());
        await site.DeliverAsync(mailbox, "after the flood");
        (await socket.NextAsync()).ShouldContain("after the flood");
        await Eventually.HoldsAsync(
            async () => (await site.InfoAsync(mailbox)).Messages == 1, TimeSpan.FromSeconds(30), "the acks are worked off");
    }

    [Fact]
    public async Task A_subprotocol_that_nobody_knows_is_not_chosen()
    {
        var response = await site.SendAsync(
            "GET", "/v1/mailboxes/" + Names.Fresh("sub"), "", ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "junk, mailbox.v2"));
        response.Status.ShouldBe(101);
        response.Header("Sec-WebSocket-Protocol").ShouldBeNull();
    }

    private static string CursorOf(string envelope)
    {
        using var json = JsonDocument.Parse(envelope);
        return json.RootElement.GetProperty("cursor").GetString()!;
    }
}
