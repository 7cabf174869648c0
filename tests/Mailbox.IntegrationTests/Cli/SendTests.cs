using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary><c>mailbox send</c></summary>
public sealed class SendTests(Cluster cluster)
{
    private string Redis => cluster.Redis.ConnectionString;

    [Fact]
    public async Task A_body_of_the_command_line_is_delivered_with_its_options()
    {
        var mailbox = Names.Fresh("cli");

        var (code, tool) = await Tool.RunAsync(
            cluster.A.BaseAddress, "send", mailbox, "--json", """{"ä":1}""", "--type", "news", "--ttl", "60", "--topic", "t", "--key", "k");

        code.ShouldBe(0, tool.Output);
        var result = tool.Json.ShouldHaveSingleItem();
        result.GetProperty("status").GetInt32().ShouldBe(202);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        var message = await receiver.MessageAsync();
        (message.Id, message.Type, message.ContentType, message.Text)
            .ShouldBe((result.GetProperty("id").GetString(), "news", "application/json", """{"ä":1}"""));
    }

    [Fact]
    public async Task The_standard_input_is_one_body_or_with_lines_one_for_each()
    {
        var (one, each) = (Names.Fresh("cli"), Names.Fresh("cli"));
        await using var whole = await Tool.ShellAsync(cluster.A.BaseAddress, """printf '1\n\n2' | "$@" """, "send", one);
        await using var lines = await Tool.ShellAsync(cluster.A.BaseAddress, """printf '1\n\n2' | "$@" """, "send", each, "--lines");

        (await whole.WaitForExitAsync()).ShouldBe(0, whole.Output);
        (await lines.WaitForExitAsync()).ShouldBe(0, lines.Output);

        await using var first = await cluster.B.OpenAsync(Way.Ndjson, one);
        (await first.TextsAsync(1)).ShouldBe(["1\n\n2"]);
        await using var second = await cluster.B.OpenAsync(Way.Ndjson, each);
        (await second.TextsAsync(3)).ShouldBe(["1", "", "2"]);
        lines.Json.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_line_is_delivered_when_it_comes_and_not_when_the_input_ends()
    {
        var mailbox = Names.Fresh("cli");
        await using var tool = await Tool.ShellAsync(
            cluster.A.BaseAddress, """{ echo 1; sleep 600; } | "$@" """, "send", mailbox, "--lines");

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe(["1"]);
    }

    [Theory]
    [InlineData]
    [InlineData("--redis")]
    public async Task Of_several_mailboxes_each_has_its_result_and_one_that_is_refused_is_an_exit_code(params string[] options)
    {
        var (here, full) = (Names.Fresh("cli"), Names.Fresh("cli"));
        await cluster.A.PutAsync(full, """{"maxMessages":1}""");
        await cluster.A.DeliverAllAsync(full, ["first"]);
        string[] redis = options.Length == 0 ? [] : ["--redis", Redis];

        var (code, tool) = await Tool.RunAsync(cluster.A.BaseAddress, ["send", "--to", $"{here},{full}", "hello", .. redis]);

        code.ShouldBe(1, tool.Output);
        tool.Json.Select(result => (result.GetProperty("mailbox").GetString(), result.GetProperty("status").GetInt32()))
            .ShouldBe([(here, 202), (full, 507)]);
        (await cluster.B.InfoOfAsync(here)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task With_redis_it_delivers_without_a_server_and_a_repeated_key_once()
    {
        var mailbox = Names.Fresh("cli");
        string[] call = ["send", mailbox, "hello", "--redis", Redis, "--type", "greeting", "--key", "k"];

        var (code, tool) = await Tool.RunAsync(null, call);
        var (again, repeat) = await Tool.RunAsync(null, call);
        var (bare, _) = await Tool.RunAsync(null, "send", mailbox, "bare", "--redis", Redis, "--bare");

        (code, again, bare).ShouldBe((0, 0, 0), tool.Output);
        repeat.Json[0].GetProperty("id").GetString().ShouldBe(tool.Json[0].GetProperty("id").GetString());
        repeat.Json[0].GetProperty("replayed").GetBoolean().ShouldBeTrue();
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.MessageAsync()).Type.ShouldBe("greeting");
        (await receiver.TextsAsync(1)).ShouldBe(["bare"]);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task Lines_stop_at_the_first_that_is_refused()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":2}""");
        await using var tool = await Tool.ShellAsync(cluster.A.BaseAddress, """printf '1\n2\n3\n4\n' | "$@" """, "send", mailbox, "--lines");

        (await tool.WaitForExitAsync()).ShouldBe(1, tool.Output);

        tool.Output.ShouldContain("mailbox-full");
        tool.Json.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("send")]
    [InlineData("send", ".x", "body")]
    [InlineData("send", "--to", "a,,b", "body")]
    [InlineData("send", "--to", "a", "body", "more")]
    [InlineData("send", "a", "body", "--lines")]
    [InlineData("send", "a", "body", "--ttl", "-1")]
    [InlineData("send", "a", "body", "--ttl", "soon")]
    [InlineData("send", "a", "body", "--ttl", "99999999999999")]
    [InlineData("send", "a", "body", "--bare")]
    [InlineData("send", "a", "body", "--redis", "127.0.0.1:1", "--bare", "--type", "x")]
    [InlineData("send", "a", "body", "--redis", "no-such-option=1")]
    [InlineData("send", "a", "body", "--redis", "127.0.0.1:99999")]
    [InlineData("send", "a", "body", "--redis", "")]
    [InlineData("send", "a", "body", "--no-such-option")]
    [InlineData("send", "a", "body", "--server", "nowhere")]
    [InlineData("send", "a", "body", "--server", "http://127.0.0.1:1/?x")]
    [InlineData("listen", "a", "--server", "http://127.0.0.1:1/#x")]
    [InlineData("send", "a", "body", "--output", "xml")]
    [InlineData("listen")]
    [InlineData("listen", "a b")]
    [InlineData("listen", "a", "--count", "0")]
    [InlineData("peek", "a", "--limit", "many")]
    [InlineData("remove", "a", "..")]
    [InlineData("remove", "a", "")]
    [InlineData("nonsense")]
    [InlineData]
    public async Task A_wrong_command_line_is_exit_code_2_and_says_what_is_wrong(params string[] arguments)
    {
        var (code, tool) = await Tool.RunAsync(new Uri("http://127.0.0.1:1"), arguments);

        code.ShouldBe(2, tool.Output);
        tool.Output.ShouldStartWith("mailbox: ");
        tool.Output.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task No_answer_is_exit_code_3_and_a_refusal_is_1()
    {
        var nobody = $"127.0.0.1:{FreePorts.Take()}";

        (await Tool.RunAsync(new Uri($"http://{nobody}"), "send", "a", "body")).Code.ShouldBe(3);
        (await Tool.RunAsync(null, "send", "a", "body", "--redis", nobody)).Code.ShouldBe(3);
        (await Tool.RunAsync(null, "info", "a", "--server", $"http://{nobody}")).Code.ShouldBe(3);
        (await Tool.RunAsync(cluster.A.BaseAddress, "send", "a", "body", "--type", "mailbox.x")).Code.ShouldBe(1);
        (await Tool.RunAsync(null, "send", "a", "body", "--redis", Redis, "--type", "mailbox.x")).Code.ShouldBe(1);
        await using var bare = await Tool.ShellAsync(null, """printf '\001x' | "$@" """, "send", "a", "--redis", Redis, "--bare");
        (await bare.WaitForExitAsync()).ShouldBe(1, bare.Output);
    }
}
