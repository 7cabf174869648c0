using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>A page that the browser keeps when it is left, and shows again as it stood (its back/forward cache).</summary>
[Collection(BrowserNodeTests.Name)]
public class KeptPageTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_goes_on_as_the_same_receiver_with_nothing_lost_and_nothing_twice(bool tabs)
    {
        await using var browser = await Chromium.StartAsync(cachesPages: true);
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(await browser.NewContextAsync(), relay));
        var page = tab.Page.Page;
        await page.EvaluateAsync("() => addEventListener('pageshow', (event) => globalThis.wasKept = event.persisted)");
        await tab.OpenMailboxAsync(_mailbox, new
        {
            tabs,
            onMessage = "(message, told) => message.data === 'slow' ? new Promise(resolve => told.finish = resolve) : null",
        });
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "slow"]);
        await tab.UntilMessagesAsync(_mailbox, 2);
        var receiver = (await fixture.Node.InfoOfAsync(_mailbox)).Receiver;

        // It is left while it handles a message, and another time while it waits for one.
        await LeaveAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["3"]);
        await ComeBackAsync();
        await page.EvaluateAsync("name => seen[name].finish()", _mailbox);
        await tab.UntilMessagesAsync(_mailbox, 3);
        await LeaveAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["4"]);
        await ComeBackAsync();
        await tab.UntilMessagesAsync(_mailbox, 4);
        await fixture.Node.DeliverAllAsync(_mailbox, ["5"]);

        (await tab.UntilMessagesAsync(_mailbox, 5)).Texts.ShouldBe(["1", "slow", "3", "4", "5"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Receiver.ShouldBe(receiver);
        await Eventually.HoldsAsync(async () => (await fixture.Node.InfoOfAsync(_mailbox)).Messages == 0, BrowserPage.Deadline, "all are acknowledged");

        async Task LeaveAsync()
        {
            await page.GotoAsync(new Uri(relay.Address, "/health/live").AbsoluteUri);
            await Eventually.HoldsAsync(async () => !(await fixture.Node.InfoOfAsync(_mailbox)).Connected, BrowserPage.Deadline, "it has left");
        }

        async Task ComeBackAsync()
        {
            await page.GoBackAsync(new() { WaitUntil = Microsoft.Playwright.WaitUntilState.Commit });
            await page.WaitForFunctionAsync("() => globalThis.wasKept === true");
            await page.EvaluateAsync("() => { globalThis.wasKept = false }");
        }
    }
}
