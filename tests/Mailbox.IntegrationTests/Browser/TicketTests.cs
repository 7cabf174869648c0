using Mailbox.IntegrationTests.Access;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>The browser's own EventSource, which can send no header, with a ticket.</summary>
[Collection(BrowserTests.Name)]
public class TicketTests(BrowserFixture fixture)
{
    [Fact]
    public async Task An_EventSource_comes_back_with_its_ticket_and_stops_for_good_when_that_is_over()
    {
        await using var node = await fixture.Redis.StartNodeAsync(
            Cluster.Unhurried,
            ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
            ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
            ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience));
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        var mailbox = Names.Fresh("browser");
        var token = TokenIssuer.Symmetric(new byte[32]).Make("browser", ("mailbox.admin", mailbox));
        var ticket = await AccessSite.TicketAsync(node, token, mailbox, lifetime: 15);
        var stream = await page.EventSourceAsync(mailbox, $"?ticket={ticket.Ticket}");
        await stream.UntilOpenAsync();
        (await node.DeliverAsync(mailbox, "1", AccessSite.Bearer(token))).Status.ShouldBe(201);
        await stream.UntilMessagesAsync(1);

        await relay.CutAsync();
        await stream.UntilOpenAsync(times: 2);
        (await node.DeliverAsync(mailbox, "2", AccessSite.Bearer(token))).Status.ShouldBe(201);
        (await stream.UntilMessagesAsync(2)).Texts.ShouldBe(["1", "2"]);

        await stream.UntilEventAsync("mailbox.unauthorized");
        var closed = await stream.UntilClosedForGoodAsync();

        closed.Controls.ShouldBe(["mailbox.open", "mailbox.open", "mailbox.unauthorized"]);
    }
}
