using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser;

/// <summary>What an EventSource meets when it comes back and its node has no Redis, or one that lost what it held.</summary>
[Collection(BrowserRedisTests.Name)]
public class RedisAwayTests(BrowserFixture fixture)
{
    [Theory]
    [InlineData("frozen")]
    [InlineData("killed")]
    public async Task An_EventSource_that_comes_back_while_Redis_is_away_lives_and_goes_on_when_it_is_back(string how)
    {
        // What was accepted is on the disk, so that it is there when Redis is back.
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await using var node = await MailboxNode.StartAsync(redis);
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await stream.UntilMessagesAsync(1);

        relay.Refuse();
        await relay.CutAsync();
        await sender.SendAsync(mailbox, "2");
        if (how == "frozen")
        {
            redis.Freeze(); // its connections stay, and nothing answers
        }
        else
        {
            await redis.KillAsync();
        }

        relay.Accept();
        var told = (await stream.UntilEventAsync("mailbox.unavailable")).Last("mailbox.unavailable").Json;
        told.GetProperty("status").GetInt32().ShouldBe(503);
        told.GetProperty("reason").GetString().ShouldBe("store-unavailable");

        if (how == "frozen")
        {
            redis.Thaw();
        }
        else
        {
            await redis.RestartAsync();
        }

        await stream.UntilMessagesAsync(2);
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync(mailbox, "3", new SendOptions { IdempotencyKey = "3" })).IsAccepted,
            BrowserPage.Deadline,
            "deliveries are accepted again");

        var after = await stream.UntilMessagesAsync(3);
        after.Texts.ShouldBe(["1", "2", "3"]);
        after.Controls.Where(control => control != "mailbox.unavailable")
            .ShouldBe(how == "frozen" ? ["mailbox.open", "mailbox.open"] : ["mailbox.open", "mailbox.open", "mailbox.reset"]);
        relay.Opens.Skip(1).ShouldAllBe(open => open.LastEventId == after.Messages[0].Cursor);
        page.ShouldHaveOnlyNetworkErrors();
    }

    [Fact]
    public async Task An_EventSource_that_comes_back_to_a_Redis_that_lost_everything_is_told_reset_and_goes_on()
    {
        await using var redis = await RedisServer.StartAsync(("save", "\"\""));
        await using var node = await MailboxNode.StartAsync(redis);
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var page = await fixture.OpenPageAsync(relay);
        await using var sender = Sender.Rest(node.BaseAddress);
        var mailbox = Names.Fresh("browser");
        var stream = await page.EventSourceAsync(mailbox);
        await stream.UntilOpenAsync();
        await sender.SendAsync(mailbox, "1");
        await stream.UntilMessagesAsync(1);

        relay.Refuse();
        await relay.CutAsync();
        await redis.KillAsync();
        await redis.RestartAsync();
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync(mailbox, "2", new SendOptions { IdempotencyKey = "2" })).IsAccepted,
            BrowserPage.Deadline,
            "deliveries are accepted again");
        relay.Accept();
        await stream.UntilMessagesAsync(2);
        await sender.SendAsync(mailbox, "3");

        var after = await stream.UntilMessagesAsync(3);
        after.Texts.ShouldBe(["1", "2", "3"]);
        after.Controls.Where(control => control != "mailbox.unavailable")
            .ShouldBe(["mailbox.open", "mailbox.open", "mailbox.reset"]);
        page.ShouldHaveOnlyNetworkErrors();
    }
}
