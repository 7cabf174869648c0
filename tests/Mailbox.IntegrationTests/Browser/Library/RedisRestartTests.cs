using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Browser.Library;

/// <summary>Redis dies under <c>/mailbox.js</c> and comes back with what it had accepted.</summary>
[Collection(BrowserRedisTests.Name)]
public class RedisRestartTests(BrowserFixture fixture)
{
    private readonly string _mailbox = Names.Fresh("library");

    [Fact]
    public async Task A_Redis_that_is_killed_and_started_again_costs_nothing()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        await using var node = await MailboxNode.StartAsync(redis);
        await using var relay = new TcpRelay(node.BaseAddress);
        await using var tab = await LibraryTab.OpenAsync(await fixture.OpenPageAsync(relay));
        await using var sender = Sender.Rest(node.BaseAddress);
        await tab.OpenMailboxAsync(_mailbox);
        await tab.UntilStateAsync(_mailbox, "open");
        await sender.SendAsync(_mailbox, "1");
        await tab.UntilMessagesAsync(_mailbox, 1);

        // The connection goes too, and comes back into a node whose Redis is away.
        relay.Refuse();
        await relay.CutAsync();
        await sender.SendAsync(_mailbox, "2");
        await redis.KillAsync();
        relay.Accept();
        await tab.UntilAsync(_mailbox, "told.details.some(detail => /store|Redis/i.test(detail.reason ?? ''))");
        await redis.RestartAsync();
        await tab.UntilMessagesAsync(_mailbox, 2);
        await Eventually.HoldsAsync(
            async () => (await sender.SendAsync(_mailbox, "3", new SendOptions { IdempotencyKey = "3" })).IsAccepted,
            BrowserPage.Deadline,
            "deliveries are accepted again");

        var told = await tab.UntilMessagesAsync(_mailbox, 3);

        told.Texts.ShouldBe(["1", "2", "3"]);
        told.Resets.ShouldBe(["failover"]);
        told.Gaps.ShouldBeEmpty();
    }
}
