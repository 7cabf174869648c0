using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Rights;

/// <summary>Backends and operators with the rights of <c>deploy/redis/users.conf</c> do their work, and nothing else.</summary>
public sealed class OtherUserTests(SharedRedis setting) : IClassFixture<SharedRedis>
{
    [Fact]
    public async Task A_producer_delivers_by_the_function_and_wakes_the_receiver()
    {
        var mailbox = Names.Fresh("produced");
        await using var receiver = await setting.Node.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(Contracts.ControlEvents.Open);
        await using var producer = await setting.AsAsync("producer");

        await producer.ExecuteAsync(
            "FCALL", "mailbox_deliver", 3, Keys.HashOf(mailbox), Keys.ListOf(mailbox), Keys.IndexOf(mailbox), "by function",
            "type", "greeting", "topic", "t", "idempotencyKey", "k", "ttl", 60);

        (await receiver.MessageAsync()).Text.ShouldBe("by function"); // sooner than any sweep
    }

    [Theory]
    [InlineData("EVAL|return 1|0")]
    [InlineData("EVALSHA|0000000000000000000000000000000000000000|0")]
    [InlineData("FUNCTION|LOAD|x")]
    [InlineData("KEYS|*")]
    [InlineData("SCAN|0")]
    [InlineData("RPUSH|other|x")]
    [InlineData("RPUSH|mailbox:nodes|x")]
    [InlineData("HGETALL|mailbox:version")]
    [InlineData("HGETALL|other")]
    [InlineData("LRANGE|other:{alice}:messages|0|-1")]
    [InlineData("HGETALL|mailbox:{alice}:ticket:0123")]
    [InlineData("HSET|mailbox:{alice}:ticket:0123|until|9999999999999")]
    [InlineData("RPUSH|mailbox:revocations|x")]
    [InlineData("DEL|mailbox:{alice}")]
    [InlineData("PUBLISH|other|x")]
    [InlineData("PUBLISH|mailbox:node:x:canary|x")]
    [InlineData("PUBLISH|__Booksleeve_MasterChanged|x")]
    [InlineData("SUBSCRIBE|mailbox:{alice}:wake")]
    [InlineData("CONFIG|GET|*")]
    [InlineData("FCALL|mailbox_deliver|3|other|other:messages|other:index|x")]
    public Task A_producer_may_not(string command) => ShouldBeForbiddenAsync("producer", command);

    [Theory]
    [InlineData("LRANGE|mailbox:{alice}:messages|0|-1")]
    [InlineData("LLEN|mailbox:{alice}:messages")]
    [InlineData("RPUSH|mailbox:{alice}|x")]
    [InlineData("RPUSH|other|x")]
    [InlineData("LRANGE|mailbox:group:{news}:outbox|0|-1")]
    [InlineData("RPUSH|mailbox:group:{news}:members|x")]
    [InlineData("RPUSH|mailbox:group:{news}|x")]
    [InlineData("FCALL|mailbox_deliver|0")]
    [InlineData("EVAL|return 1|0")]
    [InlineData("PUBLISH|other|x")]
    public Task A_bare_producer_may_not(string command) => ShouldBeForbiddenAsync("bare", command);

    [Fact]
    public async Task An_operator_sees_the_mailboxes_their_state_the_nodes_and_the_server()
    {
        var mailbox = Names.Fresh("looked-at");
        (await setting.Node.DeliverAsync(mailbox, "private")).Status.ShouldBe(202);
        await using var looker = await setting.AsAsync("operator");

        var found = (object?[])(await looker.ExecuteAsync("SCAN", 0, "MATCH", Keys.HashOf(mailbox), "COUNT", 1_000_000))!;
        ((object?[])found[1]!).Select(RedisCli.TextOf).ShouldBe([Keys.HashOf(mailbox)]);
        ((object?[])(await looker.ExecuteAsync("HGETALL", Keys.HashOf(mailbox)))!).ShouldNotBeEmpty();
        (await looker.ExecuteAsync("LLEN", Keys.ListOf(mailbox))).ShouldBe(1L);
        (await looker.ExecuteAsync("TTL", Keys.ListOf(mailbox))).ShouldBeOfType<long>().ShouldBeGreaterThan(0);
        (await looker.ExecuteAsync("MEMORY", "USAGE", Keys.ListOf(mailbox))).ShouldBeOfType<long>();
        ((object?[])(await looker.ExecuteAsync("HGETALL", "mailbox:nodes"))!).ShouldNotBeEmpty();
        (await looker.TextAsync("INFO", "replication"))!.ShouldContain("master_replid");
        ((object?[])(await looker.ExecuteAsync("FUNCTION", "LIST"))!).ShouldNotBeEmpty();
        await looker.ExecuteAsync("PUBSUB", "NUMSUB", Keys.WakeOf(mailbox));
        await looker.ExecuteAsync("LATENCY", "LATEST");
        await looker.ExecuteAsync("DBSIZE");
    }

    [Theory]
    [InlineData("LRANGE|mailbox:{alice}:messages|0|-1")]
    [InlineData("LINDEX|mailbox:{alice}:messages|0")]
    [InlineData("DUMP|mailbox:{alice}:messages")]
    [InlineData("HGETALL|mailbox:{alice}:ticket:0123")]
    [InlineData("HGETALL|mailbox:revocations")]
    [InlineData("RPUSH|mailbox:{alice}:messages|x")]
    [InlineData("HSET|mailbox:{alice}|epoch|9")]
    [InlineData("DEL|mailbox:{alice}")]
    [InlineData("EXPIRE|mailbox:{alice}|1")]
    [InlineData("FCALL|mailbox_deliver|0")]
    [InlineData("EVAL|return 1|0")]
    [InlineData("FUNCTION|FLUSH")]
    [InlineData("PUBLISH|mailbox:{alice}:wake|1")]
    [InlineData("SUBSCRIBE|mailbox:{alice}:wake")]
    [InlineData("SUBSCRIBE|__Booksleeve_MasterChanged")]
    [InlineData("HGETALL|other")]
    [InlineData("CONFIG|GET|requirepass")]
    [InlineData("MONITOR")]
    [InlineData("SLOWLOG|GET")]
    [InlineData("ACL|LIST")]
    public Task An_operator_may_not(string command) => ShouldBeForbiddenAsync("operator", command);

    [Fact]
    public async Task Operations_shows_the_users_of_the_file()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "operations", "redis.md"));

        SharedRedis.Users.Count().ShouldBe(5);
        SharedRedis.Users.ShouldAllBe(line => guide.Contains('\n' + line + '\n', StringComparison.Ordinal));
    }

    private async Task ShouldBeForbiddenAsync(string user, string command)
    {
        await using var cli = await setting.AsAsync(user);
        var refused = await Should.ThrowAsync<RedisErrorException>(() => cli.ExecuteAsync(command.Split('|')));
        refused.Code.ShouldBe("NOPERM", refused.Message);
    }
}
