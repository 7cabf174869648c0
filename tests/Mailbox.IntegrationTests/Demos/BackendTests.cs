using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>The demos that have a backend: quotes, a backend without connections, a node that is killed.</summary>
[Collection(Console.OwnPages.Name)]
public sealed class BackendTests(DemoBrowser browser)
{
    [Fact]
    public async Task A_slow_viewer_skips_old_quotes_and_has_the_newest_of_each_symbol()
    {
        await using var site = await DemoSite.StartAsync();
        await using var context = await browser.Chromium!.NewContextAsync();

        // Past the front, which ends with the backend.
        var fast = await DemoPage.OpenAsync(context, site.Standby.BaseAddress, "/demos/quotes");
        var slow = await DemoPage.OpenAsync(context, site.Standby.BaseAddress, "/demos/quotes");
        await slow.Page.CheckAsync("#slow");
        await fast.UntilNumberAsync("seen", 100);
        await slow.UntilNumberAsync("skipped", 100);
        await slow.UntilAsync("document.querySelectorAll('#quotes tr').length === 10");
        await slow.ShootAsync("quotes");

        await site.Program.DisposeAsync();
        await Eventually.HoldsAsync(
            async () => (await site.Standby.GetAsync("/v1/groups/quotes")).Json.GetProperty("outbox").GetInt64() == 0, DemoPage.Deadline, "all quotes are with the members");
        await Task.WhenAll(UntilAllHandledAsync(fast), UntilAllHandledAsync(slow));

        var newest = await fast.TextsAsync("#quotes tr");
        newest.Length.ShouldBe(10);
        (await slow.TextsAsync("#quotes tr")).Order(StringComparer.Ordinal).ShouldBe(newest.Order(StringComparer.Ordinal));
        (await slow.NumberAsync("seen")).ShouldBeLessThan(await fast.NumberAsync("seen"));
        fast.ShouldBeClean();
        slow.ShouldBeClean();

        async Task UntilAllHandledAsync(DemoPage page)
        {
            var mailbox = await page.Page.EvaluateAsync<string>("() => sessionStorage.getItem('mailbox-of:quotes')");
            await Eventually.HoldsAsync(
                async () => (await site.Standby.InfoOfAsync(mailbox)).Messages == 0, DemoPage.Deadline, "all is acknowledged");
        }
    }

    [Fact]
    public async Task The_backend_answers_into_the_mailbox_and_holds_no_connection_also_when_nobody_was_there()
    {
        await using var site = await DemoSite.StartAsync();
        await using var context = await browser.Chromium!.NewContextAsync();
        var page = await DemoPage.OpenAsync(context, site.Front, "/demos/ask");
        await page.UntilTextAsync("state", "Connected.");

        await page.Page.FillAsync("#question", "<b>five</b>");
        await page.Page.ClickAsync("#ask button");
        await page.UntilTextAsync("answered", "1");
        (await page.TextsAsync("#answers li")).ShouldHaveSingleItem()
            .ShouldMatch("^<b>five</b> – It has 11 characters. Connections of the backend while it wrote this: [1-9][0-9]*.$"); // at least that one
        await page.UntilTextAsync("open", "0");
        await page.ShootAsync("ask");

        await page.Page.CheckAsync("#away");
        await page.UntilTextAsync("state", "closed");
        foreach (var question in new[] { "two", "three" })
        {
            await page.Page.FillAsync("#question", question);
            await page.Page.ClickAsync("#ask button");
            await page.UntilTextAsync("asked", question == "two" ? "2" : "3");
        }

        (await page.TextAsync("answered")).ShouldBe("1");
        await page.Page.UncheckAsync("#away");
        await page.UntilTextAsync("answered", "3");
        (await page.TextsAsync("#answers li")).Select(text => text.Split(' ')[0]).ShouldBe(["<b>five</b>", "two", "three"]);
        page.ShouldBeClean();
    }

    [Fact]
    public async Task The_printed_command_kills_the_node_and_the_stream_goes_on_without_loss_or_double()
    {
        await using var site = await DemoSite.StartAsync();
        await using var context = await browser.Chromium!.NewContextAsync();
        var page = await DemoPage.OpenAsync(context, site.Front, "/demos/kill");
        await page.UntilNumberAsync("received", 10);
        await page.UntilTextAsync("command", "kill -9 ");
        var command = await page.TextAsync("command");
        command.ShouldBe($"kill -9 {site.Serving.Pid}");

        var before = await page.NumberAsync("newest");
        (await (await WatchedProcess.StartAsync("/bin/sh", ["-c", command])).WaitForExitAsync(Patience.Start)).ShouldBe(0);

        await page.UntilNumberAsync("connections", 2);
        await page.UntilNumberAsync("newest", before + 50);
        await page.UntilTextAsync("command", "only one node is left");
        (await page.TextsAsync("#nodes li")).ShouldBe(
        [
            $"{site.Serving.BaseAddress.Authority}, process {site.Serving.Pid}: gone",
            $"{site.Standby.BaseAddress.Authority}, process {site.Standby.Pid}: new connections come here",
        ]);
        site.Serving.HasExited.ShouldBeTrue();
        (await page.NumberAsync("lost"), await page.NumberAsync("twice")).ShouldBe((0, 0));
        await page.ShootAsync("kill");
        page.ShouldBeClean(isBroken: true);
    }
}
