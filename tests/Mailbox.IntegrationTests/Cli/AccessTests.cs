using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary>The tool makes a key, calls with it, makes a ticket and revokes it.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private MailboxNode _node = null!;
    private string _key = null!;

    public async ValueTask InitializeAsync()
    {
        var (code, made) = await Tool.RunAsync(null, "key");
        code.ShouldBe(0);
        var both = made.Json.ShouldHaveSingleItem();
        _key = both.GetProperty("key").GetString()!;
        _redis = await RedisServer.StartAsync();
        _node = await MailboxNode.StartAsync(_redis, new MailboxNodeOptions
        {
            Settings = new Dictionary<string, string>
            {
                ["Mailbox:Access:ApiKeys:0:Name"] = "operator",
                ["Mailbox:Access:ApiKeys:0:Hash"] = both.GetProperty("hash").GetString()!,
                ["Mailbox:Access:ApiKeys:0:Scopes:0"] = "mailbox.admin:*",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_key_from_the_environment_lets_every_command_in()
    {
        var mailbox = Names.Fresh("cli-key");
        (await Tool.RunAsync(_node.BaseAddress, "send", mailbox, "hello")).Code.ShouldBe(1);
        (await RunAsync("send", mailbox, "hello")).Code.ShouldBe(0);
        (await RunAsync("peek", mailbox)).Tool.Texts.ShouldBe(["hello"]);
        (await RunAsync("listen", mailbox, "--count", "1")).Tool.Texts.ShouldBe(["hello"]);
        (await RunAsync("list")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_ticket_is_made_and_revoked()
    {
        var mailbox = Names.Fresh("cli-ticket");
        var (code, made) = await RunAsync("ticket", mailbox, "--lifetime", "60");
        code.ShouldBe(0, made.Output);
        var ticket = made.Json.ShouldHaveSingleItem();
        ticket.GetProperty("mailbox").GetString().ShouldBe(mailbox);
        (await RunAsync("revoke", "--token", ticket.GetProperty("id").GetString()!)).Code.ShouldBe(0);
        using var refused = await _node.Http.GetAsync(ticket.GetProperty("location").GetString(), HttpCompletionOption.ResponseHeadersRead);
        ((int)refused.StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task Revoke_says_what_it_needs()
    {
        (await RunAsync("revoke")).Code.ShouldBe(2);
        (await RunAsync("revoke", "--token", "a", "--caller", "b")).Code.ShouldBe(2);
        (await RunAsync("ticket", "alice", "--lifetime", "0")).Code.ShouldBe(2);
    }

    private async Task<(int Code, Tool Tool)> RunAsync(params string[] arguments)
    {
        await using var tool = await Tool.ShellAsync(_node.BaseAddress, $"MAILBOX_TOKEN={_key} exec \"$@\"", arguments);
        return (await tool.WaitForExitAsync(), tool);
    }
}
