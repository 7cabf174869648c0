using System.Net.Http.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>A page that is loaded again has forgotten everything, also its Last-Event-ID.</summary>
[Collection(BrowserTests.Name)]
public class ReloadTests(BrowserFixture fixture)
{
    [Fact]
    public async Task A_page_that_is_reloaded_gets_what_it_did_not_acknowledge()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        const int Count = BrowserFixture.ResumeLength + 4; // more than is kept for who does not acknowledge
        var stream = await page.EventSourceAsync(mailbox, "?ack=client");
        await stream.UntilOpenAsync();
        await SendAsync(sender, mailbox, 1, Count);
        var before = await stream.UntilMessagesAsync(Count);
        (await page.AcknowledgeAsync(mailbox, before.Messages[1].Cursor)).ShouldBe(204);
        (await page.AcknowledgeAsync(mailbox, before.Messages[1].Cursor)).ShouldBe(204); // repeated

        await page.ReloadAsync();
        stream = await page.EventSourceAsync(mailbox, "?ack=client");
        var after = await stream.UntilMessagesAsync(Count - 2);
        after.Texts.ShouldBe(Enumerable.Range(3, Count - 2).Select(i => $"{i}"));
        (await page.AcknowledgeAsync(mailbox, after.Messages[^1].Cursor)).ShouldBe(204);

        await page.ReloadAsync();
        stream = await page.EventSourceAsync(mailbox, "?ack=client");
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "new");
        (await stream.UntilMessagesAsync(1)).Texts.ShouldBe(["new"]);
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_page_that_is_reloaded_and_never_acknowledges_gets_what_the_resume_window_keeps()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        const int Count = BrowserFixture.ResumeLength + 4;
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await SendAsync(sender, mailbox, 1, Count);
        await stream.UntilMessagesAsync(Count);
        await Eventually.HoldsAsync(
            async () => (await InfoAsync(mailbox)).Messages == BrowserFixture.ResumeLength,
            BrowserPage.Deadline,
            "only the resume window is left");

        await page.ReloadAsync();
        stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "new");

        var after = await stream.UntilMessagesAsync(BrowserFixture.ResumeLength + 1);
        after.Texts.ShouldBe([.. Enumerable.Range(5, BrowserFixture.ResumeLength).Select(i => $"{i}"), "new"]);
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_page_that_keeps_its_cursor_over_a_reload_gets_only_the_rest()
    {
        await using var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await SendAsync(sender, mailbox, 1, 3);
        var before = await stream.UntilMessagesAsync(3);

        await page.ReloadAsync();
        await sender.SendAsync(mailbox, "4");
        stream = await page.EventSourceAsync(mailbox, $"?after={before.Messages[2].Cursor}");

        var after = await stream.UntilMessagesAsync(1);
        after.Texts.ShouldBe(["4"]);
        after.Last("mailbox.open").Json.GetProperty("receiver").GetString()
            .ShouldBe(before.Last("mailbox.open").Json.GetProperty("receiver").GetString());
        page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task A_tab_that_is_closed_leaves_at_once_and_what_comes_then_waits()
    {
        var page = await fixture.OpenPageAsync();
        await using var sender = Sender.Rest(fixture.Node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        (await sender.SendAsync(mailbox, "1")).Status.ShouldBe(201);
        await stream.UntilMessagesAsync(1);

        page.ShouldHaveNoErrors();
        await page.DisposeAsync();

        await Eventually.HoldsAsync(
            async () => !(await InfoAsync(mailbox)).Connected, BrowserPage.Deadline, "the mailbox has no receiver");
        (await sender.SendAsync(mailbox, "2")).Status.ShouldBe(202);
    }

    private static async Task SendAsync(Sender sender, string mailbox, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            (await sender.SendAsync(mailbox, $"{i}")).IsAccepted.ShouldBeTrue();
        }
    }

    private async Task<MailboxInfo> InfoAsync(string mailbox) =>
        (await fixture.Node.Http.GetFromJsonAsync(MailboxRoutes.ForInfo(mailbox), MailboxJsonContext.Default.MailboxInfo))!;
}
