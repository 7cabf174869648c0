using Mailbox.IntegrationTests.Rights;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Contract;

/// <summary>Every case of the contract is delivered with the rights that producers have.</summary>
public sealed class RightsTests(VectorNode setting) : IClassFixture<VectorNode>
{
    [Fact]
    public async Task A_user_with_the_rights_of_a_bare_producer_delivers_bare_and_reads_nothing()
    {
        await using var user = await UserAsync("bare");

        foreach (var command in CommandsOf("bare-text"))
        {
            await user.ExecuteAsync(command);
        }

        await ShouldBeForbiddenAsync(user, "LRANGE", Keys.ListOf("bare-text"), 0, -1);
        await ShouldBeForbiddenAsync(user, "RPUSH", Keys.HashOf("bare-text"), "x");
        await ShouldBeForbiddenAsync(user, "PUBLISH", "mailbox:node:x:canary", "x");
    }

    [Theory]
    [InlineData("function-plain")]
    [InlineData("function-options")]
    [InlineData("function-topic")]
    [InlineData("function-retry")]
    [InlineData("function-full")]
    public async Task A_user_with_the_rights_of_a_caller_of_the_function_delivers_with_every_option(string vector)
    {
        await using var user = await UserAsync("producer");

        foreach (var command in CommandsOf(vector))
        {
            (await user.ExecuteAsync(command)).ShouldBeOfType<object?[]>().Length.ShouldBe(6);
        }

        await ShouldBeForbiddenAsync(user, "DEL", Keys.ListOf(vector));
        await ShouldBeForbiddenAsync(user, "HGETALL", "mailbox:nodes");
    }

    [Fact]
    public async Task Without_the_right_to_ask_which_server_it_is_the_function_delivers_all_the_same()
    {
        await using var user = await UserAsync("producer", "-info");

        (await user.ExecuteAsync(CommandsOf("function-plain")[0])).ShouldBeOfType<object?[]>()[0].ShouldBe("stored"u8.ToArray());
    }

    private static List<object[]> CommandsOf(string vector) => [.. ConformanceVectors.All.Vectors
        .Single(one => one.Name == vector).Commands
        .Select(command => command.Select(VectorValue.BytesOf).ToArray<object>())];

    private static async Task ShouldBeForbiddenAsync(RedisCli user, params object[] command) =>
        (await Should.ThrowAsync<RedisErrorException>(() => user.ExecuteAsync(command))).Code.ShouldBe("NOPERM");

    /// <summary>A connection of a user with the rights that <c>deploy/redis/users.conf</c> gives to the one of this name.</summary>
    private async Task<RedisCli> UserAsync(string name, params string[] more)
    {
        var rights = SharedRedis.RightsOf(name);
        var user = TestKit.Names.Fresh(name);
        await setting.Redis.ExecuteAsync(["ACL", "SETUSER", user, "on", ">word", .. rights, .. more]);
        var connection = await setting.Redis.ConnectAsync();
        await connection.ExecuteAsync("AUTH", user, "word");
        return connection;
    }
}
