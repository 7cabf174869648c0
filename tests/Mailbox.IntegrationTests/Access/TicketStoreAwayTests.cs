using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Access;

/// <summary>While Redis does not answer nobody knows whether a ticket holds: that passes, and is no refusal for good.</summary>
public sealed class TicketStoreAwayTests
{
    [Fact]
    public async Task A_ticket_waits_until_Redis_is_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(
            ("Mailbox:Access:Jwt:Keys:0", Convert.ToBase64String(new byte[32])),
            ("Mailbox:Access:Jwt:Issuer", TokenIssuer.Issuer),
            ("Mailbox:Access:Jwt:Audience", TokenIssuer.Audience),
            ("Mailbox:Access:TicketWait", "00:05:00"));
        var mailbox = Names.Fresh("away");
        var token = TokenIssuer.Symmetric(new byte[32]).Make("opener", ("mailbox.open", mailbox));
        var ticket = await AccessSite.TicketAsync(node, token, mailbox);

        redis.Freeze();
        try
        {
            await using var told = await Receivers.SseAsync(node.BaseAddress, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
            var unavailable = await told.NextIsAsync(ControlEvents.Unavailable);
            unavailable.Json!.Value.GetProperty("reason").GetString().ShouldBe("store-unavailable");
            (await told.ToEndAsync()).ShouldBeEmpty();
            foreach (var way in new[] { Way.Ndjson, Way.LongPoll, Way.WebSocket, Way.WebSocketOverHttp2 })
            {
                var refused = await Should.ThrowAsync<OpenRefusedException>(
                    () => node.OpenAsync(way, mailbox, new ReceiverOptions { Ticket = ticket.Ticket }));
                ((int)refused.Status).ShouldBe(503);
                refused.Headers.Keys.ShouldContain("Retry-After");
            }
        }
        finally
        {
            redis.Thaw();
        }

        IReceiver? receiver = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                receiver = await node.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ticket = ticket.Ticket });
                return true;
            },
            Patience.Start,
            "the first open is taken");
        await using var open = receiver!;
        await open.NextIsAsync(ControlEvents.Open);
    }
}
