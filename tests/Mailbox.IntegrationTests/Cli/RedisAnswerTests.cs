using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary><c>mailbox send --redis</c>, and the errors of docs/redis-contract.md: which of them a script tries again.</summary>
public sealed class RedisAnswerTests
{
    [Theory]
    [InlineData(3, "READONLY You cannot write against a read only replica.")]
    [InlineData(3, "LOADING Redis is loading the dataset in memory")]
    [InlineData(3, "MASTERDOWN Link with MASTER is down")]
    [InlineData(3, "CLUSTERDOWN The cluster is down")]
    [InlineData(3, "TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData(3, "NOREPLICAS Not enough good replicas to write.")]
    [InlineData(3, "MISCONF Errors writing to the AOF file")]
    [InlineData(3, "OOM command not allowed")]
    [InlineData(3, "BUSY Redis is busy running a script.")]
    [InlineData(3, "ERR Function not found")]
    [InlineData(1, "WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData(1, "NOPERM this user has no permissions")]
    [InlineData(1, "MAILBOX invalid type")]
    [InlineData(1, "ERR MAILBOX conflict sequences")]
    public async Task What_will_pass_is_exit_code_3_and_what_will_not_is_1(int expected, string error)
    {
        await using var redis = await RedisServer.StartAsync();
        await FunctionStandIn.LoadAsync(redis, error);

        var (code, tool) = await Tool.RunAsync(null, "send", "a", "body", "--redis", redis.ConnectionString);

        code.ShouldBe(expected, tool.Output);
        tool.Output.ShouldContain(error);
    }

    [Theory]
    [InlineData]
    [InlineData("--bare")]
    public async Task A_replica_and_a_Redis_that_is_full_will_pass(params string[] options)
    {
        await using var redis = await RedisServer.StartAsync();
        string[] call = ["send", "a", "body", "--redis", redis.ConnectionString, .. options];

        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        var (full, tool) = await Tool.RunAsync(null, call);
        full.ShouldBe(3, tool.Output);

        await redis.ExecuteAsync("REPLICAOF", "127.0.0.1", $"{FreePorts.Take()}");
        var (replica, again) = await Tool.RunAsync(null, call);
        replica.ShouldBe(3, again.Output);
    }

    [Theory]
    [InlineData(3, "READONLY You cannot write against a read only replica.")]
    [InlineData(1, "WRONGTYPE Operation against a key holding the wrong kind of value")]
    public async Task Of_several_mailboxes_those_before_the_one_that_failed_have_their_result(int expected, string error)
    {
        await using var redis = await RedisServer.StartAsync();
        await FunctionStandIn.LoadAsync(redis, FunctionStandIn.Stored, error);

        var (code, tool) = await Tool.RunAsync(null, "send", "--to", "a,b,c", "body", "--redis", redis.ConnectionString);

        code.ShouldBe(expected, tool.Output);
        tool.Json.Select(result => result.GetProperty("mailbox").GetString()).ShouldBe(["a"]);
        tool.Output.ShouldContain(error);
    }
}
