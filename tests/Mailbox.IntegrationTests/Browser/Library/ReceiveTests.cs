using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary><c>open</c> of <c>/mailbox.js</c>, in a real browser, before a real node.</summary>
[Collection(BrowserTests.Name)]
public class ReceiveTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Fact]
    public async Task A_message_comes_as_it_was_delivered_and_leaves_once_it_was_handled()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");
        await fixture.Node.DeliverAsync(_mailbox, "text\r\n ü", ("Content-Type", "text/plain; charset=utf-8"));
        await fixture.Node.DeliverAsync(_mailbox, """{"n":1}""", ("Content-Type", "application/json"), ("Mailbox-Type", "number"));
        await fixture.Node.CallAsync("POST", MailboxRoutes.ForMessages(_mailbox), [0, 255, 128]);

        var told = await tab.UntilMessagesAsync(_mailbox, 3);

        told.Texts.Take(2).ShouldBe(["text\r\n ü", """{"n":1}"""]);
        told.Messages[1].Data.ValueKind.ShouldBe(JsonValueKind.Object);
        told.Messages[1].Type.ShouldBe("number");
        told.Messages[2].Data.GetProperty("bytes").EnumerateArray().Select(b => b.GetInt32()).ShouldBe([0, 255, 128]);
        told.Messages.ShouldAllBe(message => message.Mailbox == _mailbox && message.Time != null);
        told.States.ShouldBe(["connecting", "open"]);
        await Eventually.HoldsAsync(async () => (await fixture.Node.InfoOfAsync(_mailbox)).Messages == 0, BrowserPage.Deadline, "all are acknowledged");
        tab.Page.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task What_is_not_handled_yet_stays_and_what_failed_comes_again()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox, new
        {
            onMessage = """
                (message, told) => message.data === 'slow' ? new Promise(resolve => told.finish = resolve)
                  : message.data === 'twice' && told.messages.filter(m => m.data === 'twice').length < 2 ? Promise.reject(new Error('not yet')) : null
                """,
        });
        await fixture.Node.DeliverAllAsync(_mailbox, ["slow", "next", "twice", "last"]);

        (await tab.UntilMessagesAsync(_mailbox, 1)).Texts.ShouldBe(["slow"]);
        await Task.Delay(500);
        (await tab.StateAsync(_mailbox)).Texts.ShouldBe(["slow"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Messages.ShouldBe(4);

        await tab.Page.Page.EvaluateAsync("name => seen[name].finish()", _mailbox);
        var told = await tab.UntilMessagesAsync(_mailbox, 5);

        told.Texts.ShouldBe(["slow", "next", "twice", "twice", "last"]);
        told.Messages[2].Id.ShouldBe(told.Messages[3].Id);
        told.Errors.ShouldBe(["not yet"]);
        await Eventually.HoldsAsync(async () => (await fixture.Node.InfoOfAsync(_mailbox)).Messages == 0, BrowserPage.Deadline, "all are acknowledged");
    }

    [Fact]
    public async Task A_broken_connection_is_made_again_as_the_same_receiver_and_nothing_comes_twice()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");
        var receiver = (await fixture.Node.InfoOfAsync(_mailbox)).Receiver;
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2"]);
        await tab.UntilMessagesAsync(_mailbox, 2);

        await relay.CutAsync();
        await fixture.Node.DeliverAllAsync(_mailbox, ["3"]);
        await tab.UntilMessagesAsync(_mailbox, 3);
        await relay.CutAsync();
        await tab.UntilStateAsync(_mailbox, "open", times: 3);
        await fixture.Node.DeliverAllAsync(_mailbox, ["4"]);

        (await tab.UntilMessagesAsync(_mailbox, 4)).Texts.ShouldBe(["1", "2", "3", "4"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Receiver.ShouldBe(receiver);
        tab.Page.ShouldHaveOnlyNetworkErrors();
    }

    [Fact]
    public async Task Silence_counts_as_broken()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await tab.OpenMailboxAsync(_mailbox, new { heartbeat = 700 });
        await tab.UntilStateAsync(_mailbox, "open");

        // The node's own heartbeat is far longer than this receiver waits for one.
        var told = await tab.UntilStateAsync(_mailbox, "open", times: 2);

        told.Details.ShouldContain(detail => detail.ToString().Contains("silent", StringComparison.Ordinal));
        relay.Opens.Last().LastEventId.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_newer_receiver_ends_it_for_good()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");

        await using var other = await fixture.Node.OpenAsync(Way.Ndjson, _mailbox);

        var told = await tab.UntilStateAsync(_mailbox, "replaced");
        told.States.ShouldBe(["connecting", "open", "replaced"]);
        (await fixture.Node.InfoOfAsync(_mailbox)).Connected.ShouldBeTrue();
    }

    [Fact]
    public async Task A_watcher_takes_over_nobody_and_acknowledges_nothing()
    {
        await using var other = await fixture.Node.OpenAsync(Way.Ndjson, _mailbox, new ReceiverOptions { Ack = "client" });
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox, new { shared = true });
        await tab.UntilStateAsync(_mailbox, "open");

        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);

        (await tab.UntilMessagesAsync(_mailbox, 1)).Texts.ShouldBe(["1"]);
        await Task.Delay(600); // longer than an acknowledgement is put off
        (await fixture.Node.InfoOfAsync(_mailbox)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task Gaps_and_resets_are_told()
    {
        await fixture.Node.PutAsync(_mailbox, """{"maxMessages":3,"overflow":"dropOldest"}""");
        await fixture.Node.DeliverAllAsync(_mailbox, ["1", "2", "3", "4", "5"]);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox);

        var told = await tab.UntilMessagesAsync(_mailbox, 3);
        told.Texts.ShouldBe(["3", "4", "5"]);
        var gap = told.Gaps.ShouldHaveSingleItem();
        (gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64(), gap.GetProperty("reason").GetString()).ShouldBe((1, 2, "dropped"));

        (await fixture.Node.DeleteAsync(MailboxRoutes.ForMailbox(_mailbox))).Status.ShouldBe(204);
        (await tab.UntilAsync(_mailbox, "told.resets.length > 0")).Resets.ShouldBe(["lost"]);
        await fixture.Node.DeliverAllAsync(_mailbox, ["new"]);
        (await tab.UntilMessagesAsync(_mailbox, 4)).Texts.Last().ShouldBe("new");
    }

    [Fact]
    public async Task A_refusal_for_good_is_told_and_ends_it()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync("~system");

        var told = await tab.UntilStateAsync("~system", "unauthorized");
        told.Errors.ShouldHaveSingleItem();

        await tab.OpenMailboxAsync(_mailbox, new { window = 5_000 });
        told = await tab.UntilStateAsync(_mailbox, "closed");
        told.Errors.ShouldHaveSingleItem().ShouldContain("window");
    }

    [Fact]
    public async Task A_closed_receiver_has_acknowledged_what_it_handled()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await tab.OpenMailboxAsync(_mailbox);
        await fixture.Node.DeliverAllAsync(_mailbox, ["1"]);
        await tab.UntilMessagesAsync(_mailbox, 1);

        await tab.CloseMailboxAsync(_mailbox);

        (await tab.StateAsync(_mailbox)).State.ShouldBe("closed");
        await Eventually.HoldsAsync(
            async () => await fixture.Node.InfoOfAsync(_mailbox) is { Messages: 0, Connected: false }, BrowserPage.Deadline, "it has left");
    }

    [Fact]
    public async Task Tickets_and_tokens_are_renewed_when_they_do_not_hold_any_more()
    {
        await using var node = await fixture.Redis.StartNodeAsync(
            Cluster.Unhurried,
            ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
            ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
            ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience));
        var issuer = TokenIssuer.Symmetric(new byte[32]);
        var admin = issuer.Make("admin", ("mailbox.admin", "*"));
        var (byTicket, byToken) = (Names.Fresh("ticket"), Names.Fresh("token"));
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));

        // Each is asked for twice: the first does not hold, or is revoked.
        await tab.OpenMailboxAsync(byTicket, new
        {
            ticket = $$"""
                () => (globalThis.asked = (globalThis.asked ?? 0) + 1) === 1 ? 'mbt_none' : fetch('/v1/tickets', {
                  method: 'POST', headers: { Authorization: 'Bearer {{admin}}', 'Content-Type': 'application/json' },
                  body: JSON.stringify({ mailbox: '{{byTicket}}', lifetime: 60 }) }).then(r => r.json()).then(t => t.ticket)
                """,
        });
        await tab.OpenMailboxAsync(byToken, new { token = $"() => (globalThis.tokens = (globalThis.tokens ?? 0) + 1) === 1 ? 'x.y.z' : '{issuer.Make("browser", ("mailbox.open", byToken))}'" });
        await tab.UntilStateAsync(byTicket, "open");
        await tab.UntilStateAsync(byToken, "open");
        (await node.DeliverAsync(byTicket, "1", AccessSite.Bearer(admin))).Status.ShouldBe(201);
        (await node.DeliverAsync(byToken, "2", AccessSite.Bearer(admin))).Status.ShouldBe(201);
        (await tab.UntilMessagesAsync(byTicket, 1)).Texts.ShouldBe(["1"]);
        (await tab.UntilMessagesAsync(byToken, 1)).Texts.ShouldBe(["2"]);

        // All that the caller was given ends: the stream is told, the new token is refused too.
        (await node.CallAsync("POST", MailboxRoutes.Revocations, """{"caller":"browser"}"""u8.ToArray(), AccessSite.Bearer(admin), ("Content-Type", "application/json"))).Status.ShouldBe(204);
        var told = await tab.UntilStateAsync(byToken, "unauthorized");
        told.Errors.ShouldHaveSingleItem();
        (await tab.StateAsync(byTicket)).State.ShouldBe("open");
    }
}
