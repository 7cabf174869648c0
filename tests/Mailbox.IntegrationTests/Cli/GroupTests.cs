using Mailbox.IntegrationTests.Groups;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary><c>mailbox group</c>, <c>mailbox send --group</c></summary>
public sealed class GroupTests(Cluster cluster)
{
    [Fact]
    public async Task Members_join_are_listed_delivered_to_and_leave()
    {
        var (group, prefix) = (Names.Fresh("cli"), Names.Fresh("cli"));
        (await RunAsync("group", "join", group, $"{prefix}.a")).Json.ShouldHaveSingleItem().GetProperty("mailbox").GetString().ShouldBe($"{prefix}.a");
        (await RunAsync("group", "join", group, $"{prefix}.b", "--life", "100")).Json.ShouldHaveSingleItem().TryGetProperty("ends", out _).ShouldBeTrue();
        (await RunAsync("group", "list", group)).Json.Select(name => name.GetString()).Order().ShouldBe([$"{prefix}.a", $"{prefix}.b"]);

        var told = (await RunAsync("send", "--group", group, "hello", "--type", "news")).Json.ShouldHaveSingleItem();

        (told.GetProperty("state").GetString(), told.GetProperty("waiting").GetInt32()).ShouldBe(("done", 2));
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, $"{prefix}.b");
        var message = await receiver.MessageAsync();
        (message.Text, message.Type).ShouldBe(("hello", "news"));
        await RunAsync("group", "leave", group, $"{prefix}.a");
        (await RunAsync("group", "list", group)).Json.Select(name => name.GetString()).ShouldBe([$"{prefix}.b"]);
        await RunAsync("group", "remove", group);
        (await Tool.RunAsync(cluster.A.BaseAddress, "group", "list", group)).Code.ShouldBe(1);
    }

    [Fact]
    public async Task A_member_that_did_not_get_it_is_an_exit_code()
    {
        var (group, full) = (Names.Fresh("cli"), Names.Fresh("cli"));
        await cluster.A.PutAsync(full, """{"maxMessages":1}""");
        await cluster.A.DeliverAllAsync(full, ["m"]);
        await cluster.A.JoinAllAsync(group, full);

        var (code, tool) = await Tool.RunAsync(cluster.A.BaseAddress, "send", "--group", group, "hello");

        code.ShouldBe(1, tool.Output);
        tool.Json.ShouldHaveSingleItem().GetProperty("full").GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("send", "--group", "g", "--to", "a,b", "m")]
    [InlineData("send", "--group", "g", "m", "n")]
    [InlineData("send", "--group", "g", "--redis", "127.0.0.1:1", "m")]
    [InlineData("send", "--group", ".g", "m")]
    [InlineData("group", "join", ".g", "m")]
    [InlineData("group", "join", "g", "m", "--life", "0")]
    [InlineData("group")]
    public async Task A_command_line_that_cannot_be_meant_is_refused(params string[] arguments) =>
        (await Tool.RunAsync(cluster.A.BaseAddress, arguments)).Code.ShouldBe(2);

    private async Task<Tool> RunAsync(params string[] arguments)
    {
        var (code, tool) = await Tool.RunAsync(cluster.A.BaseAddress, arguments);
        code.ShouldBe(0, tool.Output);
        return tool;
    }
}
