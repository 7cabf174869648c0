using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary><c>open</c> of <c>/mailbox.js</c> on pages and networks that do not do what they should.</summary>
[Collection(BrowserTests.Name)]
public class FirmnessTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_more_comes_once_a_message_has_closed_the_receiver(bool tabs)
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2", "3"]);
        await tab.OpenMailboxAsync(_mailbox, new { tabs, onMessage = "(message, told) => told.receiver.close()" });
        await tab.UntilStateAsync(_mailbox, "closed");

        // The one that closed it was handled, and so it leaves.
        await Eventually.HoldsAsync(
            async () => await fixture.Node.InfoOfAsync(_mailbox) is { Messages: < 3, Connected: false }, BrowserPage.Deadline, "it has left");

        var told = await tab.StateAsync(_mailbox);
        told.Texts.ShouldBe(["1"]);
        told.Errors.ShouldBeEmpty();
        (await fixture.Node.InfoOfAsync(_mailbox)).Messages.ShouldBe(2);
    }

    [Theory]
    [InlineData("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")]
    [InlineData("Object.defineProperty(globalThis, 'sessionStorage', { get() { throw new DOMException('not here', 'SecurityError') } })")]
    public async Task A_page_that_may_store_nothing_receives_all_the_same(string storage)
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.Page.Page.EvaluateAsync($"() => {{ {storage} }}");
        await tab.OpenMailboxAsync(_mailbox, new { remember = true });
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2"]);

        var told = await tab.UntilMessagesAsync(_mailbox, 2);

        told.Texts.ShouldBe(["1", "2"]);
        told.States.ShouldBe(["connecting", "open"]);
        tab.Page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task An_open_that_is_never_answered_counts_as_broken()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.Page.Page.EvaluateAsync("async () => { await import('/mailbox.js') }"); // the module itself is not to be held back
        relay.HoldBack();
        await tab.OpenMailboxAsync(_mailbox, new { heartbeat = 500 });

        var told = await tab.UntilStateAsync(_mailbox, "waiting");
        await relay.CutAsync();

        told.Details[^1].ToString().ShouldContain("silent");
        await tab.UntilStateAsync(_mailbox, "open");
    }

    [Fact]
    public async Task A_full_window_is_acknowledged_before_its_time()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());

        // What is put off by the 200 ms of an acknowledgement never comes.
        await tab.Page.Page.EvaluateAsync(
            "() => { const real = setTimeout; globalThis.setTimeout = (call, time, ...more) => time === 200 ? 0 : real(call, time, ...more) }");
        await fixture.Node.DeliverAllAsync(_mailbox, [.. Enumerable.Range(1, 12).Select(n => $"{n}")]);

        await tab.OpenMailboxAsync(_mailbox, new { window = 5 });

        (await tab.UntilMessagesAsync(_mailbox, 12)).Texts.ShouldBe(Enumerable.Range(1, 12).Select(n => $"{n}"));
    }

    [Fact]
    public async Task What_was_handled_is_not_given_again_where_the_server_sends_it_again()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));

        // On the way, acknowledgements are lost and the place is taken out: all that is kept is sent anew.
        await tab.Page.Page.RouteAsync("**/ack", route => route.AbortAsync());
        await tab.Page.Page.RouteAsync($"**/v1/mailboxes/{_mailbox}?**", route => route.ContinueAsync(new()
        {
            Headers = route.Request.Headers.Where(header => header.Key != "last-event-id"),
        }));
        await tab.OpenMailboxAsync(_mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2"]);
        await tab.UntilMessagesAsync(_mailbox, 2);
        await relay.CutAsync();
        await tab.UntilStateAsync(_mailbox, "open", times: 2);
        await fixture.Node.DeliverAllAsync(_mailbox, ["3"]);

        (await tab.UntilMessagesAsync(_mailbox, 3)).Texts.ShouldBe(["1", "2", "3"]);
        relay.Opens.Last().LastEventId.ShouldBeNull();
        (await fixture.Node.InfoOfAsync(_mailbox)).Messages.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_gives_its_text_whatever_it_is_also_in_a_tab_that_heard_of_it(bool tabs)
    {
        await using var context = await fixture.NewContextAsync();
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var leading = await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(context, relay));
        var told = new List<LibraryTab> { leading };
        if (tabs)
        {
            told.Add(await LibraryTab.OpenAsync(await BrowserPage.OpenAsync(context, relay)));
        }

        foreach (var tab in told)
        {
            await tab.OpenMailboxAsync(_mailbox, new { tabs, onMessage = "(message, told) => { (told.texts ??= []).push(message.text()) }" });
            await tab.UntilStateAsync(_mailbox, "open");
        }

        await fixture.Node.DeliverAsync(_mailbox, "ü", ("Content-Type", "text/plain; charset=utf-8"));
        await fixture.Node.DeliverAsync(_mailbox, """{"n":1}""", ("Content-Type", "application/json"));

        foreach (var tab in told)
        {
            await tab.UntilAsync(_mailbox, """told.texts?.length === 2 && told.texts[0] === 'ü' && told.texts[1] === '{"n":1}'""");
        }
    }
}
