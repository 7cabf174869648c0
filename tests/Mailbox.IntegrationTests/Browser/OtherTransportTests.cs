using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>What else a page can open a mailbox with: a WebSocket, and fetch with NDJSON.</summary>
[Collection(BrowserTests.Name)]
public class OtherTransportTests(BrowserFixture fixture)
{
    [Fact]
    public async Task A_WebSocket_of_a_page_receives_acknowledges_and_resumes()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var first = await page.WebSocketAsync(mailbox, "?ack=client");
        await first.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await sender.SendAsync(mailbox, """{"two":2}""", new SendOptions { Type = "news", ContentType = "application/json" });
        await sender.SendAsync(mailbox, "3");
        var before = await first.UntilMessagesAsync(3);
        before.Texts.ShouldBe(["1", """{"two":2}""", "3"]);
        before.Messages[1].Type.ShouldBe("news");

        await first.SendAsync($$"""{"ack":"{{before.Messages[1].Cursor}}"}""");
        await Eventually.HoldsAsync(() => KeepsAsync(mailbox, 1), BrowserPage.Deadline, "what was acknowledged has left");
        await relay.CutAsync();
        (await first.UntilOverAsync()).CloseCode.ShouldBe(1006);
        await sender.SendAsync(mailbox, "4");

        // Its place: what came before is not sent again. Without a place: what was not acknowledged is.
        var second = await page.WebSocketAsync(mailbox, $"?ack=client&after={before.Messages[1].Cursor}");
        (await second.UntilMessagesAsync(2)).Texts.ShouldBe(["3", "4"]);
        await second.CloseAsync();
        (await second.UntilOverAsync()).CloseCode.ShouldNotBe(1006);
        var third = await page.WebSocketAsync(mailbox, "?ack=client");
        (await third.UntilMessagesAsync(2)).Texts.ShouldBe(["3", "4"]);
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_WebSocket_that_another_takes_over_is_closed_with_4409_and_again_when_it_comes_back()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var other = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var older = await page.WebSocketAsync(mailbox);
        var opened = await older.UntilOpenAsync();
        var newer = await other.WebSocketAsync(mailbox);
        await newer.UntilOpenAsync();

        var replaced = await older.UntilOverAsync();
        replaced.CloseCode.ShouldBe(4409);
        replaced.Controls.ShouldBe(["mailbox.open", "mailbox.replaced"]);
        foreach (var cursor in new[] { opened.Last("mailbox.open").Cursor, replaced.Last("mailbox.replaced").Cursor })
        {
            var again = await page.WebSocketAsync(mailbox, $"?after={cursor}");
            var refused = await again.UntilOverAsync();
            refused.CloseCode.ShouldBe(4409);
            refused.Events.ShouldBeEmpty();
        }

        await sender.SendAsync(mailbox, "to the newer");
        var alive = await newer.UntilMessagesAsync(1);
        (alive.IsOver, alive.Errors).ShouldBe((false, 0));
        page.ShouldHaveNoErrors();
        other.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_page_reads_NDJSON_line_by_line_with_fetch_while_it_comes()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var first = await page.LinesAsync(mailbox);
        await first.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await first.UntilMessagesAsync(1); // though the response has not ended
        await sender.SendAsync(mailbox, "two\r\nlines");
        var before = await first.UntilMessagesAsync(2);
        (before.IsOver, before.Status).ShouldBe((false, 200));
        before.Texts.ShouldBe(["1", "two\r\nlines"]);

        await first.CloseAsync();
        await first.UntilOverAsync();
        await sender.SendAsync(mailbox, "3");
        var second = await page.LinesAsync(mailbox, $"?after={before.Messages[1].Cursor}");

        (await second.UntilMessagesAsync(1)).Texts.ShouldBe(["3"]);
        page.ShouldHaveNoErrors();
    }

    private async Task<bool> KeepsAsync(string mailbox, int messages)
    {
        var length = await fixture.Redis.ExecuteAsync("LLEN", $"mailbox:{{{mailbox}}}:messages");
        return Convert.ToInt32(length, System.Globalization.CultureInfo.InvariantCulture) == messages;
    }
}
