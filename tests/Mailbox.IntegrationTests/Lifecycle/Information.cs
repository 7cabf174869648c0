using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

public class Information(Cluster cluster)
{
    [Fact]
    public async Task A_node_says_what_it_and_its_store_are()
    {
        await using var stream = await cluster.A.OpenAsync(Way.Sse, Names.Fresh("info"));

        var info = (await cluster.A.GetAsync("/info")).Json;

        info.GetProperty("node").GetString()!.Length.ShouldBe(16);
        info.GetProperty("version").GetString().ShouldNotBeNullOrEmpty();
        info.GetProperty("state").GetString().ShouldBe("ready");
        info.GetProperty("contract").GetInt32().ShouldBe(1);
        info.GetProperty("connections").GetInt32().ShouldBeGreaterThan(0);
        var store = info.GetProperty("store");
        store.GetProperty("state").GetString().ShouldBe("answering");
        store.GetProperty("engine").GetString().ShouldBe("redis");
        Version.Parse(store.GetProperty("version").GetString()!).Major.ShouldBeGreaterThanOrEqualTo(7);
        store.GetProperty("mode").GetString().ShouldBe("standalone");
        store.GetProperty("appendOnly").GetString().ShouldBe("yes");
        store.GetProperty("appendFsync").GetString().ShouldBe("everysec");
        store.GetProperty("evictionPolicy").GetString().ShouldBe("noeviction");
    }

    [Fact]
    public async Task A_store_that_may_lose_what_was_accepted_is_warned_of_at_start()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "no"), ("maxmemory-policy", "allkeys-lru"));
        await using var node = await redis.StartNodeAsync();

        await node.SaysAsync("appendonly no");
        await node.SaysAsync("allkeys-lru");
        var store = (await node.GetAsync("/info")).Json.GetProperty("store");
        store.GetProperty("appendOnly").GetString().ShouldBe("no");
        store.GetProperty("evictionPolicy").GetString().ShouldBe("allkeys-lru");
    }

    [Fact]
    public void A_store_that_is_as_it_should_be_is_warned_of_nothing() =>
        cluster.B.Output.ShouldNotContain(line => line.Contains("appendonly", StringComparison.Ordinal) ||
            line.Contains("evicts", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task Probes_are_answered_in_json()
    {
        (await cluster.A.GetAsync("/health/live")).Json.GetProperty("status").GetString().ShouldBe("live");
        (await cluster.A.GetAsync("/health/ready")).Json.GetProperty("status").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task A_node_may_keep_its_keys_under_a_prefix_of_its_own()
    {
        var mailbox = Names.Fresh("prefix");
        await using var node = await cluster.StartNodeAsync(("Mailbox:Redis:KeyPrefix", "other:"));
        await node.DeliverAsync(mailbox, "m");

        (await cluster.RedisAsync("EXISTS", $"other:{{{mailbox}}}", $"other:{{{mailbox}}}:messages")).ShouldBe(2L);
        (await cluster.A.GetAsync(Contracts.MailboxRoutes.ForInfo(mailbox))).Status.ShouldBe(404);
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe(["m"]);
    }
}
