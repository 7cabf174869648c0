using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

/// <summary>A node that cannot work says why, in a line that a person understands, and ends with 1.</summary>
public class Starting(Cluster cluster)
{
    [Fact]
    public async Task In_production_there_is_no_engine_of_its_own()
    {
        var output = await FailsAsync(new MailboxNodeOptions());

        output.ShouldContain("Mailbox:Redis:ConnectionString");
        output.ShouldContain("Mailbox__Redis__ConnectionString");
    }

    [Theory]
    [InlineData("Mailbox:Heartbeat", "soon", "Heartbeat")]
    [InlineData("Mailbox:Heartbeat", "00:10:00", "Heartbeat")]
    [InlineData("Mailbox:Sweep", "00:05:00", "Mailbox:Sweep")]
    [InlineData("Mailbox:MaxMessages", "0", "MaxMessages")]
    [InlineData("Mailbox:MaxMessages", "many", "MaxMessages")]
    [InlineData("Mailbox:MaxBytes", "1000", "Mailbox:MaxBytes")]
    [InlineData("Mailbox:Overflow", "explode", "Overflow")]
    [InlineData("Mailbox:Redis:KeyPrefix", "with space", "KeyPrefix")]
    [InlineData("Mailbox:Redis:ConnectionString", "127.0.0.1:1,noSuchOption=1", "ConnectionString")]
    [InlineData("Mailbox:Redis:ConnectionString", "127.0.0.1:1,channelPrefix=x", "Mailbox:Redis:KeyPrefix")]
    public async Task A_setting_that_cannot_work_is_named(string name, string value, string named)
    {
        var options = new MailboxNodeOptions { Redis = cluster.Redis.ConnectionString };
        if (name == "Mailbox:Redis:ConnectionString")
        {
            options = options with { Redis = value };
        }
        else
        {
            options = options with { Settings = new Dictionary<string, string> { [name] = value } };
        }

        (await FailsAsync(options)).ShouldContain(named);
    }

    [Fact]
    public async Task Data_that_needs_a_newer_reader_is_left_alone()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("HSET", "mailbox:version", "written", 2, "minReader", 2);

        var output = await FailsAsync(new MailboxNodeOptions { Redis = redis.ConnectionString });

        output.ShouldContain("needs a reader of 2");
        (await redis.ExecuteAsync("DBSIZE")).ShouldBe(1L);
    }

    [Fact]
    public async Task Data_of_a_newer_contract_that_this_server_can_read_is_used_and_keeps_its_mark()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("HSET", "mailbox:version", "written", 2, "minReader", 1);

        await using var node = await redis.StartNodeAsync();

        (await node.DeliverAsync(Names.Fresh("newer"), "m")).Status.ShouldBe(202);
        await using var cli = await redis.ConnectAsync();
        (await cli.TextAsync("HGET", "mailbox:version", "written")).ShouldBe("2");
    }

    [Fact]
    public async Task A_version_mark_that_is_none_is_named()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.ExecuteAsync("HSET", "mailbox:version", "written", "x", "minReader", "y");

        (await FailsAsync(new MailboxNodeOptions { Redis = redis.ConnectionString })).ShouldContain("version");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        var output = await FailsAsync(new MailboxNodeOptions
        {
            Redis = cluster.Redis.ConnectionString,
            Settings = new Dictionary<string, string> { ["Kestrel:Endpoints:http:Url"] = $"http://127.0.0.1:{cluster.A.BaseAddress.Port}" },
        });

        output.ShouldContain($"{cluster.A.BaseAddress.Port}");
    }

    private static async Task<string> FailsAsync(MailboxNodeOptions options)
    {
        await using var node = await MailboxNode.StartAsync(options with { WaitsUntilReady = false });
        var code = await node.WaitForExitAsync(TimeSpan.FromSeconds(40));
        var output = string.Join('\n', node.Output);
        code.ShouldBe(1, output);
        output.ShouldNotContain("   at ");
        output.ShouldNotContain("Unhandled exception");
        return output;
    }
}
