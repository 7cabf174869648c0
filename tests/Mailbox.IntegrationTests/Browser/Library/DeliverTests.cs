using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary><c>deliver</c> of <c>/mailbox.js</c>.</summary>
[Collection(BrowserTests.Name)]
public class DeliverTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Fact]
    public async Task A_body_goes_as_what_it_is()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        await CallAsync(tab, "deliver(name, 'text', { type: 'greeting', ttl: 60 })");
        await CallAsync(tab, "deliver(name, { n: 1 })");
        await CallAsync(tab, "deliver(name, new Uint8Array([0, 255]))");
        var answer = await CallAsync(tab, "deliver(name, new Blob(['<p>'], { type: 'text/html' }))");

        answer.GetProperty("queued").GetBoolean().ShouldBeTrue();
        var messages = (await fixture.Node.GetAsync(MailboxRoutes.ForMessages(_mailbox))).Json.GetProperty("messages");
        messages.EnumerateArray().Select(message => message.GetProperty("contentType").GetString())
            .ShouldBe(["text/plain; charset=utf-8", "application/json", "application/octet-stream", "text/html"]);
        messages[0].GetProperty("type").GetString().ShouldBe("greeting");
        messages[1].GetProperty("data").GetProperty("n").GetInt32().ShouldBe(1);
        messages[2].GetProperty("dataBase64").GetString().ShouldBe("AP8=");
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_and_the_message_is_there_once()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await CallAsync(tab, "null"); // the module itself is not to be held back
        relay.HoldBack();
        var delivering = CallAsync(tab, "deliver(name, 'once')");
        await Eventually.HoldsAsync(
            async () => (await fixture.Node.GetAsync(MailboxRoutes.ForInfo(_mailbox))).Status == 200, BrowserPage.Deadline, "it is delivered");

        await relay.CutAsync();

        (await delivering).GetProperty("queued").GetBoolean().ShouldBeTrue();
        (await fixture.Node.InfoOfAsync(_mailbox)).Last.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_is_an_error_that_says_why()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());

        var error = await CallAsync(tab, "deliver(name, 'x', { type: 'mailbox.mine' }).catch(e => ({ name: e.name, status: e.status, type: e.type, message: e.message }))");

        error.GetProperty("name").GetString().ShouldBe("MailboxError");
        error.GetProperty("status").GetInt32().ShouldBe(400);
        error.GetProperty("type").GetString().ShouldBe("urn:mailbox:problem:invalid-header");
        (await fixture.Node.GetAsync(MailboxRoutes.ForInfo(_mailbox))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_group_is_delivered_to()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());
        var group = Names.Fresh("group");
        await fixture.Node.CallAsync("PUT", MailboxRoutes.ForGroupMember(group, _mailbox));

        var answer = await CallAsync(tab, $"deliverToGroup('{group}', {{ line: 1 }})");

        answer.GetProperty("waiting").GetInt32().ShouldBe(1);
        (await fixture.Node.InfoOfAsync(_mailbox)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task Patience_ends_also_while_an_answer_is_waited_for()
    {
        await using var relay = new TcpRelay(fixture.Node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await CallAsync(tab, "null"); // the module itself is not to be held back
        relay.HoldBack();

        var error = await CallAsync(tab, "deliver(name, 'x', { patience: 1 }).catch(e => ({ name: e.name }))").WaitAsync(BrowserPage.Deadline);

        error.GetProperty("name").GetString().ShouldBe("TimeoutError");
    }

    [Theory]
    [InlineData("{ n: 1n }", "{}")]
    [InlineData("undefined", "{}")]
    [InlineData("'x'", "{ type: 'two\\nlines' }")]
    public async Task What_cannot_be_sent_is_an_error_at_once(string body, string options)
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());

        // It would be tried again for an hour.
        var error = await CallAsync(tab, $"deliver(name, {body}, {{ ...{options}, patience: 3600 }}).catch(e => ({{ name: e.name }}))")
            .WaitAsync(BrowserPage.Deadline);

        error.GetProperty("name").GetString().ShouldBe("TypeError");
        (await fixture.Node.GetAsync(MailboxRoutes.ForInfo(_mailbox))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task An_address_may_end_with_a_slash()
    {
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync());

        var answer = await CallAsync(tab, "deliver(name, 'x', { url: location.origin + '/' })");

        answer.GetProperty("queued").GetBoolean().ShouldBeTrue();
    }

    private async Task<JsonElement> CallAsync(LibraryTab tab, string call) => JsonDocument.Parse(await tab.Page.Page.EvaluateAsync<string>(
        $"async name => {{ const {{ deliver, deliverToGroup }} = await import('/mailbox.js'); return JSON.stringify(await {call}) }}", _mailbox)).RootElement;
}
