namespace Mailbox.IntegrationTests.Cli;

/// <summary>Where the tool asks, and what it makes of answers that a healthy server does not give.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData("listen", "a")]
    [InlineData("send", "a", "body")]
    [InlineData("send", "--to", "a,b", "body")]
    [InlineData("peek", "a")]
    [InlineData("info", "a")]
    [InlineData("ack", "a", "cursor")]
    [InlineData("remove", "a")]
    [InlineData("list")]
    public async Task A_path_of_the_server_s_address_is_kept(params string[] arguments)
    {
        await using var server = new StandIn(_ => new StandInAnswer(404));

        var (code, tool) = await Tool.RunAsync(null, [.. arguments, "--server", server.Address + "push/"]);

        code.ShouldBe(1, tool.Output);
        server.Asked.ShouldHaveSingleItem().ShouldStartWith("/push/v1/m");
    }

    [Theory]
    [InlineData(500, "send", "a", "body")]
    [InlineData(500, "send", "--to", "a,b", "body")]
    [InlineData(500, "remove", "a")]
    [InlineData(503, "remove", "a")]
    public async Task What_leaves_the_outcome_unknown_is_exit_code_3(int status, params string[] arguments)
    {
        await using var server = new StandIn(_ => new StandInAnswer(status));

        (await Tool.RunAsync(server.Address, arguments)).Code.ShouldBe(3);
    }
}
