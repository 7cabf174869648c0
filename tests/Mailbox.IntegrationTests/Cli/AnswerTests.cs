namespace Mailbox.IntegrationTests.Cli;

/// <summary>Where the tool asks, and what it makes of answers that a healthy server does not give.</summary>
public sealed class AnswerTests
{
    private const string Message = """{"id":"0123456789abcdef-1","cursor":"c","data":"1"}""";
    private const string Replaced = """{"type":"urn:mailbox:problem:not-receiver"}""";

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

    [Theory]
    [InlineData("<html>Log in</html>", "send", "a", "body")]
    [InlineData("<html>Log in</html>", "send", "--to", "a,b", "body")]
    [InlineData("<html>Log in</html>", "remove", "a")]
    [InlineData("<html>Log in</html>", "peek", "a")]
    [InlineData("<html>Log in</html>", "info", "a")]
    [InlineData("<html>Log in</html>", "list")]
    [InlineData("", "send", "--to", "a,b", "body")]
    [InlineData("", "info", "a")]
    [InlineData("[]", "info", "a")]
    [InlineData("{}", "send", "--to", "a,b", "body")]
    [InlineData("""{"results":[]}""", "send", "--to", "a,b", "body")]
    [InlineData("""{"results":[null,null]}""", "send", "--to", "a,b", "body")]
    [InlineData("{}", "peek", "a")]
    [InlineData("""{"messages":{}}""", "peek", "a")]
    [InlineData("""{"messages":[1]}""", "peek", "a")]
    [InlineData("""{"messages":[{"dataBase64":"?"}]}""", "peek", "a")]
    [InlineData("""{"messages":[],"next":1}""", "peek", "a")]
    [InlineData("{}", "list")]
    [InlineData("""{"mailboxes":[1]}""", "list")]
    public async Task Of_what_something_before_the_server_answered_nobody_knows_the_outcome(string junk, params string[] arguments)
    {
        await using var server = new StandIn(_ => new StandInAnswer(200, junk));

        var (code, tool) = await Tool.RunAsync(server.Address, arguments);

        code.ShouldBe(3, tool.Output);
        tool.Output.ShouldStartWith("mailbox: ");
        tool.Output.ShouldContain("cannot be read");
        tool.Output.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData(200, "", 0)]
    [InlineData(400, "", 1)]
    [InlineData(503, "", 3)]
    [InlineData(409, Replaced, 4)]
    public async Task Nothing_covers_the_last_ack_so_whether_it_was_taken_is_the_exit_code(int status, string problem, int expected)
    {
        await using var server = new StandIn(request =>
            request.HttpMethod == "GET" ? new StandInAnswer(200, $"{Message}\n{Message}\n") : new StandInAnswer(status, problem));

        var (code, tool) = await Tool.RunAsync(server.Address, "listen", "a", "--count", "2");

        code.ShouldBe(expected, tool.Output);
        tool.Texts.ShouldBe(["1", "1"]);
        server.Asked.ShouldBe(["/v1/mailboxes/a", "/v1/mailboxes/a/ack", "/v1/mailboxes/a/ack"]);
    }
}
