using Mailbox.Contracts;
using Mailbox.IntegrationTests.Browser;
using Mailbox.TestKit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Mailbox.IntegrationTests.Console;

/// <summary>Every action of the console, as a person does it, and what it came to at the server.</summary>
[Collection(OwnPages.Name)]
public class ConsoleTests(ConsoleSite site)
{
    private readonly string _mailbox = Names.Fresh("console");

    [Fact]
    public async Task The_overview_hears_all_nodes_and_says_when_one_is_silent()
    {
        await using var third = await site.StartNodeAsync();
        await using var page = await site.OpenAsync();
        var rows = page.Page.GetByRole(AriaRole.Region, new() { Name = "Nodes" }).Locator("tbody tr");
        var killed = await third.IdAsync();
        foreach (var id in new[] { await site.A.IdAsync(), await site.B.IdAsync(), killed })
        {
            await Expect(StateOf(id)).ToHaveTextAsync("ready");
        }

        await Expect(page.Page.GetByText("Live, every two seconds.")).ToBeVisibleAsync();
        await Expect(page.Page.Locator("dt", new() { HasText = "Engine" })).ToBeVisibleAsync();

        await using var stream = await site.A.OpenAsync(Way.Sse, _mailbox);
        await site.B.DeliverAllAsync(_mailbox, Enumerable.Range(0, 50).Select(i => $"{i}"));
        var delivered = page.Page.GetByRole(AriaRole.Region, new() { Name = "Delivered" }).Locator(".value");
        await Expect(delivered).Not.ToHaveTextAsync("0");
        await Expect(page.Page.GetByRole(AriaRole.Region, new() { Name = "Open streams" }).Locator(".value")).Not.ToHaveTextAsync("0");

        await third.KillAsync();
        await Expect(StateOf(killed)).ToHaveTextAsync("silent");
        await Expect(StateOf(await site.A.IdAsync())).ToHaveTextAsync("ready");
        page.ShouldBeClean();

        // Nodes that other tests ended may be there, too, for as long as their last message lives.
        ILocator StateOf(string node) => rows.Filter(new() { HasText = node }).Locator(".state");
    }

    [Fact]
    public async Task A_mailbox_is_found_by_the_beginning_of_its_name_and_its_state_is_shown()
    {
        await site.A.DeliverAllAsync(_mailbox, ["one"]);
        var stream = await site.B.OpenAsync(Way.Ndjson, _mailbox, new ReceiverOptions { Ack = "client" });
        await using var page = await site.OpenAsync("/mailboxes");
        await page.Page.GetByLabel("Name, or how names begin").FillAsync(_mailbox[..^2]);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "List" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = _mailbox }).ClickAsync();

        var facts = page.Page.Locator(".facts");
        await Expect(facts).ToContainTextAsync("present: ");
        await Expect(facts).ToContainTextAsync("ndjson on node ");
        await Expect(facts).ToContainTextAsync("1 of 1,000");
        (await page.Page.EvaluateAsync<string>("location.hash")).ShouldBe($"#/mailboxes/{_mailbox}");

        // The address alone is enough to come back, and what happens meanwhile is shown.
        await page.Page.ReloadAsync();
        await Expect(facts).ToContainTextAsync("present: ");
        await stream.DisposeAsync();
        await Expect(facts).ToContainTextAsync("away: ");
        await Expect(facts).Not.ToContainTextAsync("on node ");
        page.ShouldBeClean();
    }

    [Fact]
    public async Task A_message_is_delivered_looked_at_and_taken_back()
    {
        await using var page = await site.OpenAsync($"/mailboxes/{_mailbox}");
        await Expect(page.Page.GetByText("It does not exist now")).ToBeVisibleAsync();
        await page.Page.GetByLabel("Body").FillAsync("hello from the console");
        await page.Page.GetByLabel("Type", new() { Exact = true }).FillAsync("greeting");
        await page.Page.GetByLabel("Seconds to live").First.FillAsync("600");
        await page.Page.GetByLabel("Topic").FillAsync("t1");
        await page.Page.GetByLabel("Idempotency key").FillAsync("k1");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Deliver" }).ClickAsync();
        await Expect(page.Page.GetByText("Delivered as ")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Deliver" }).ClickAsync();

        var rows = page.Page.GetByRole(AriaRole.Region, new() { Name = "Messages that wait" }).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(1); // the same key: once
        await Expect(rows).ToContainTextAsync("hello from the console");
        var message = (await site.B.GetAsync(MailboxRoutes.ForMessages(_mailbox))).Json.GetProperty("messages")[0];
        message.GetProperty("type").GetString().ShouldBe("greeting");
        message.GetProperty("data").GetString().ShouldBe("hello from the console");

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        (await site.A.InfoOfAsync(_mailbox)).Messages.ShouldBe(1);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Take it back" }).ClickAsync();
        await Expect(page.Page.GetByText("Nothing waits.")).ToBeVisibleAsync();
        (await site.A.InfoOfAsync(_mailbox)).Messages.ShouldBe(0);
        page.ShouldBeClean("404");
    }

    [Fact]
    public async Task Limits_are_set_a_receiver_is_closed_and_a_mailbox_is_removed()
    {
        await using var stream = await site.B.OpenAsync(Way.Sse, _mailbox);
        await using var page = await site.OpenAsync($"/mailboxes/{_mailbox}");
        await page.Page.GetByLabel("Most messages").FillAsync("3");
        await page.Page.GetByLabel("When it is full").SelectOptionAsync("dropOldest");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Set the limits" }).ClickAsync();
        await Expect(page.Page.Locator(".facts")).ToContainTextAsync("the oldest leave");
        var limits = (await site.A.InfoOfAsync(_mailbox)).Limits;
        (limits.MaxMessages, limits.Overflow).ShouldBe((3, "dropOldest"));

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Close the receiver" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Close it" }).ClickAsync();
        await Expect(page.Page.GetByText("The receiver is closed.")).ToBeVisibleAsync();
        (await site.A.InfoOfAsync(_mailbox)).Connected.ShouldBeFalse();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the mailbox" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        await Expect(page.Page.GetByText("It does not exist now")).ToBeVisibleAsync();
        (await site.A.GetAsync(MailboxRoutes.ForInfo(_mailbox))).Status.ShouldBe(404);
        page.ShouldBeClean("404");
    }

    [Fact]
    public async Task A_mailbox_is_watched_live_and_the_watching_takes_nothing()
    {
        await using var page = await site.OpenAsync($"/mailboxes/{_mailbox}");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Watch", Exact = true }).ClickAsync();
        var live = page.Page.GetByRole(AriaRole.Region, new() { Name = "Live" });
        await Expect(live.GetByText("open", new() { Exact = true })).ToBeVisibleAsync();
        await site.B.DeliverAllAsync(_mailbox, ["first", "second"]);
        await Expect(live.Locator("li")).ToHaveCountAsync(2);

        await live.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await site.B.DeliverAllAsync(_mailbox, ["unseen"]);
        await Expect(page.Page.Locator(".facts")).ToContainTextAsync("3 of");
        await live.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(live.Locator("li").First).ToHaveTextAsync("1 came while it was paused");
        await live.GetByRole(AriaRole.Button, new() { Name = "Clear" }).ClickAsync();
        await Expect(live.Locator("li")).ToHaveCountAsync(0);
        await live.GetByRole(AriaRole.Button, new() { Name = "Stop watching" }).ClickAsync();
        await Expect(live.GetByText("not watching")).ToBeVisibleAsync();

        var info = await site.A.InfoOfAsync(_mailbox);
        (info.Messages, info.Sent, info.Receiver).ShouldBe((3, 0, null));
        page.ShouldBeClean("404");
    }

    [Fact]
    public async Task A_group_is_filled_delivered_to_emptied_and_removed()
    {
        var group = Names.Fresh("group");
        await using var page = await site.OpenAsync($"/groups/{group}");
        await Expect(page.Page.GetByText("Nobody is a member.")).ToBeVisibleAsync();
        foreach (var member in new[] { _mailbox, _mailbox + ".two" })
        {
            await page.Page.GetByLabel("Mailbox", new() { Exact = true }).FillAsync(member);
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
            await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = member, Exact = true })).ToBeVisibleAsync();
        }

        await page.Page.GetByLabel("Body").FillAsync("to all");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Deliver" }).ClickAsync();
        await Expect(page.Page.GetByText("of 2 members 0 were there, for 2 it waits")).ToBeVisibleAsync();
        (await site.A.InfoOfAsync(_mailbox)).Messages.ShouldBe(1);

        await page.Page.GetByRole(AriaRole.Button, new() { Name = $"Take {_mailbox}.two out" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Take it out" }).ClickAsync();
        await Expect(page.Page.GetByText("1 members;")).ToBeVisibleAsync();

        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Groups" }).ClickAsync();
        await page.Page.GetByLabel("Name, or how names begin").FillAsync(group);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "List" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = group }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the group" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Remove it" }).ClickAsync();
        await Expect(page.Page.GetByText("0 members;")).ToBeVisibleAsync();
        (await site.A.GetAsync(MailboxRoutes.ForGroup(group))).Status.ShouldBe(404);
        page.ShouldBeClean("404");
    }

    [Fact]
    public async Task A_body_is_text_whatever_it_holds()
    {
        const string Markup = "<img src=x onerror=\"document.title='taken over'\"><script>document.title='taken over'</script>\u202Edesrever";
        await site.A.DeliverAllAsync(_mailbox, [Markup, new string('x', 60_000), "<b>" + new string('y', 300)]);
        await site.A.CallAsync("POST", MailboxRoutes.ForMessages(_mailbox), [0, 255, 254]);
        await using var page = await site.OpenAsync($"/mailboxes/{_mailbox}");

        var rows = page.Page.GetByRole(AriaRole.Region, new() { Name = "Messages that wait" }).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(4);
        await Expect(rows.Nth(0)).ToContainTextAsync("<img src=x");
        await Expect(rows.Nth(1)).ToContainTextAsync("60,000 characters");
        await Expect(rows.Nth(3)).ToContainTextAsync("3 B, not text");
        await rows.Nth(2).Locator("summary").ClickAsync();
        (await page.Page.TitleAsync()).ShouldStartWith("Mailbox console");
        (await page.Page.Locator("main img, main script, main b").CountAsync()).ShouldBe(0);
        page.ShouldBeClean();
    }

    [Fact]
    public async Task It_goes_on_when_its_node_is_back()
    {
        var node = await site.StartNodeAsync();
        await using var page = await site.OpenAsync("/", node);
        await Expect(page.Page.GetByText("Live, every two seconds.")).ToBeVisibleAsync();

        await node.KillAsync();
        await Expect(page.Page.GetByText("waiting:", new() { Exact = false })).ToBeVisibleAsync();
        await node.DisposeAsync();
        await using var again = await MailboxNode.StartAsync(site.Redis, new MailboxNodeOptions
        {
            Port = node.BaseAddress.Port,
            StartDeadline = Patience.Start,
            Settings = new Dictionary<string, string> { ["Mailbox:Console:Enabled"] = "true" },
        });

        await Expect(page.Page.GetByText("Live, every two seconds.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        page.ShouldBeClean("net::ERR_");
    }
}
