using System.Text.Json;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary><c>/info</c> says what becomes of accepted messages, from what Redis says of itself.</summary>
public class WhatSurvives
{
    [Theory]
    [InlineData("no", "everysec", "none", "none")]
    [InlineData("yes", "no", "all", "most")]
    [InlineData("yes", "everysec", "most", "most")]
    [InlineData("yes", "always", "all", "all")]
    public async Task A_crash_and_a_loss_of_power_as_the_append_only_file_is_set(
        string appendOnly, string appendFsync, string processCrash, string powerLoss)
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", appendOnly), ("appendfsync", appendFsync));
        await using var node = await redis.StartNodeAsync();

        var store = await StoreAsync(node);

        store.GetProperty("appendOnly").GetString().ShouldBe(appendOnly);
        store.GetProperty("appendFsync").GetString().ShouldBe(appendFsync);
        store.GetProperty("replicas").GetInt32().ShouldBe(0);
        WordOf(store, "processCrash").ShouldBe(processCrash);
        WordOf(store, "powerLoss").ShouldBe(powerLoss);
        WordOf(store, "failover").ShouldBe("none");
    }

    [Fact]
    public async Task A_failover_as_replicas_come()
    {
        await using var redis = await RedisServer.StartAsync(("repl-diskless-sync-delay", "0"));
        await using var node = await redis.StartNodeAsync();
        WordOf(await StoreAsync(node), "failover").ShouldBe("none");

        await using var replica = await RedisServer.StartAsync(("replicaof", $"127.0.0.1 {redis.Port}"));
        await Eventually.HoldsAsync(
            async () => (await StoreAsync(node)).GetProperty("replicas").GetInt32() == 1, Patience.Long, "the replica is counted");

        var store = await StoreAsync(node);
        WordOf(store, "failover").ShouldBe("most");
        store.GetProperty("minReplicasToWrite").GetString().ShouldBe("0");

        await redis.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        store = await StoreAsync(node);
        store.GetProperty("minReplicasToWrite").GetString().ShouldBe("1");
        store.GetProperty("acceptedMessagesSurvive").GetProperty("failover").GetProperty("meaning").GetString()!.ShouldContain("min-replicas");
    }

    [Fact]
    public async Task A_redis_that_does_not_tell_its_settings_is_not_guessed_about()
    {
        await using var redis = await RedisServer.StartAsync(("rename-command", "CONFIG \"\""));
        await using var node = await redis.StartNodeAsync();

        var store = await StoreAsync(node);

        store.GetProperty("state").GetString().ShouldBe("answering");
        store.GetProperty("appendOnly").GetString().ShouldBe("unknown");
        WordOf(store, "processCrash").ShouldBe("unknown");
        WordOf(store, "powerLoss").ShouldBe("unknown");
        WordOf(store, "failover").ShouldBe("none"); // that it has no replica, it tells
    }

    [Fact]
    public async Task A_cluster_keeps_what_its_weakest_primary_keeps()
    {
        await using var cluster = await RedisCluster.StartAsync(
            new Dictionary<string, string> { ["appendonly"] = "yes", ["appendfsync"] = "always" });
        await using var node = await cluster.StartNodeAsync();
        WordOf(await StoreAsync(node), "powerLoss").ShouldBe("all");

        await (await cluster.PrimariesAsync())[2].ExecuteAsync("CONFIG", "SET", "appendfsync", "everysec");

        var store = await StoreAsync(node);
        store.GetProperty("appendFsync").GetString().ShouldBe("mixed");
        store.GetProperty("replicas").GetInt32().ShouldBe(1);
        WordOf(store, "powerLoss").ShouldBe("most");
    }

    private static async Task<JsonElement> StoreAsync(MailboxNode node) => (await node.GetAsync("/info")).Json.GetProperty("store");

    private static string? WordOf(JsonElement store, string failure) =>
        store.GetProperty("acceptedMessagesSurvive").GetProperty(failure).GetProperty("messages").GetString();
}
