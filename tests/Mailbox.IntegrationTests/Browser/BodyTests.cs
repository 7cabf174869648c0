using System.Text;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>What a body looks like in the page, as docs and design promise.</summary>
[Collection(BrowserTests.Name)]
public class BodyTests(BrowserFixture fixture)
{
    /// <summary>Bodies whose bytes an event stream must not take for its own syntax.</summary>
    private static readonly string[] Texts =
    [
        "plain",
        "a\nb",
        "a\r\nb\rc\n\nd",
        "\n",
        "\r\n",
        "ends with a line end\n",
        "\nbegins with one",
        " leading blank",
        "  two",
        "data: not a field\nid: neither\nevent: nor this\nretry: 1\n\n: no comment",
        ":",
        "NUL \0 inside",
        "\0",
        "tab\tescape \u001b delete \u007f",
        "äöü ß 日本語 \U0001F4EB e\u0301",
        "separators \u2028 and \u2029 and \u0085 are no line ends",
        "\uFEFFbyte order mark",
        "{\"json\":\"\\u0000\"}",
        "",
        new string('x', 65_000) + "\n\U0001F4EB",
    ];

    [Theory]
    [InlineData(TransportDoor.Rest)]
    [InlineData(TransportDoor.BareRedis)]
    public async Task Text_arrives_with_its_line_ends_normalised_and_nothing_else_changed(TransportDoor door)
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Create(door, fixture.Node.BaseAddress, fixture.Redis);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();

        foreach (var text in Texts)
        {
            (await sender.SendAsync(mailbox, text)).IsAccepted.ShouldBeTrue();
        }

        var state = await stream.UntilMessagesAsync(Texts.Length);
        state.Texts.ShouldBe(Texts.Select(text =>
            text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n')));
        state.Controls.ShouldBe(["mailbox.open"]);
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task An_envelope_carries_text_exactly_also_its_line_ends()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox, "?format=envelope", "news");
        await stream.UntilOpenAsync();

        foreach (var text in Texts)
        {
            (await sender.SendAsync(mailbox, text, new SendOptions { Type = "news" })).IsAccepted.ShouldBeTrue();
        }

        var state = await stream.UntilMessagesAsync(Texts.Length);
        state.Messages.ShouldAllBe(message => message.Type == "message"); // an envelope is no named event
        state.Messages.Select(message => message.Json.GetProperty("data").GetString()).ShouldBe(Texts);
        state.Messages.ShouldAllBe(message => message.Json.GetProperty("type").GetString() == "news");
        state.Messages.ShouldAllBe(message => message.Json.GetProperty("cursor").GetString() == message.Cursor);
        page.ShouldHaveNoErrors();
    }

    [Theory]
    [InlineData(TransportDoor.Rest)]
    [InlineData(TransportDoor.BareRedis)]
    public async Task What_is_not_text_comes_as_mailbox_binary_and_decodes_to_the_same_bytes(TransportDoor door)
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Create(door, fixture.Node.BaseAddress, fixture.Redis);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        byte[][] bodies = [[.. Enumerable.Range(0, 256).Select(i => (byte)(255 - i))], [0xFF], Encoding.Latin1.GetBytes("Gr\u00fc\u00dfe\r\n\0")];

        foreach (var body in bodies)
        {
            (await sender.SendAsync(mailbox, body)).IsAccepted.ShouldBeTrue();
        }

        var state = await stream.UntilEventAsync("mailbox.binary", bodies.Length);
        foreach (var (body, received) in bodies.Zip(state.Events.Where(e => e.Type == "mailbox.binary")))
        {
            var decoded = await page.Page.EvaluateAsync<int[]>("bytesOf", received.Json.GetProperty("dataBase64").GetString());
            decoded.Select(number => (byte)number).ShouldBe(body);
            received.Json.GetProperty("cursor").GetString().ShouldBe(received.Cursor);
        }

        page.ShouldHaveNoErrors();
    }
}
