using Mailbox.IntegrationTests.Browser;
using Mailbox.IntegrationTests.Many;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary><c>mailbox listen</c></summary>
public sealed class ListenTests(Cluster cluster)
{
    [Fact]
    public async Task What_comes_is_printed_as_JSON_lines_and_acknowledged_until_it_is_ended()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);
        await using var tool = await Tool.StartAsync(cluster.B.BaseAddress, "listen", mailbox);
        await tool.UntilTextsAsync("1");

        await cluster.A.DeliverAsync(mailbox, "{\"a\":\n1}", ("Content-Type", "application/json"), ("Mailbox-Type", "x"));
        await cluster.A.CallAsync("POST", $"/v1/mailboxes/{mailbox}/messages", [0xFF, 0x00]);
        await tool.UntilAsync(tool => tool.Json.Count == 3, "three came");
        await cluster.A.WaitUntilKeptAsync(mailbox, 0);

        tool.Json[1].GetProperty("data").GetProperty("a").GetInt32().ShouldBe(1);
        tool.Json[1].GetProperty("type").GetString().ShouldBe("x");
        tool.Json[2].GetProperty("dataBase64").GetString().ShouldBe("/wA=");
        tool.Terminate();
        (await tool.WaitForExitAsync()).ShouldBe(0, tool.Output);
        await cluster.A.WaitUntilAbsentAsync(mailbox);
    }

    [Fact]
    public async Task With_count_it_ends_and_leaves_the_rest()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.DeliverAllAsync(mailbox, ["1", "2", "3"]);

        var (code, tool) = await Tool.RunAsync(cluster.A.BaseAddress, "listen", mailbox, "--count", "2");

        code.ShouldBe(0, tool.Output);
        tool.Texts.ShouldBe(["1", "2"]);
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task A_watcher_takes_nothing_over_and_nothing_out()
    {
        var mailbox = Names.Fresh("cli");
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);

        var (code, tool) = await Tool.RunAsync(cluster.B.BaseAddress, "listen", mailbox, "--watch", "--count", "1");

        code.ShouldBe(0, tool.Output);
        tool.Texts.ShouldBe(["1"]);
        (await receiver.TextsAsync(1)).ShouldBe(["1"]);
        await receiver.SilenceAsync();
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task Another_receiver_ends_it_with_exit_code_4()
    {
        var mailbox = Names.Fresh("cli");
        await using var tool = await Tool.StartAsync(cluster.A.BaseAddress, "listen", mailbox);
        await tool.UntilAsync(tool => tool.Output == "open", "it is open");

        await using var other = await cluster.B.OpenAsync(Way.Sse, mailbox);

        (await tool.WaitForExitAsync()).ShouldBe(4, tool.Output);
        tool.Output.ShouldEndWith("replaced: another receiver has the mailbox");
    }

    [Fact]
    public async Task A_connection_that_breaks_costs_nothing()
    {
        var mailbox = Names.Fresh("cli");
        await using var relay = new TcpRelay(cluster.A.BaseAddress);
        await using var tool = await Tool.StartAsync(relay.Address, "listen", mailbox);
        await tool.UntilAsync(tool => tool.Output == "open", "it is open");
        await cluster.B.DeliverAllAsync(mailbox, ["1"]);
        await tool.UntilTextsAsync("1");
        var receiver = (await cluster.B.InfoOfAsync(mailbox)).Receiver;

        await relay.CutAsync();
        await cluster.B.DeliverAllAsync(mailbox, ["2"]);

        await tool.UntilTextsAsync("1", "2");
        (await cluster.B.InfoOfAsync(mailbox)).Receiver.ShouldBe(receiver);
    }

    [Fact]
    public async Task What_nobody_reads_any_more_is_not_acknowledged()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);
        await using var tool = await Tool.ShellAsync(
            cluster.A.BaseAddress, """ "$@" | { read -r line; echo "$line"; exec <&-; echo gone; }""", "listen", mailbox);
        await tool.UntilAsync(tool => tool.Output.Contains("gone", StringComparison.Ordinal), "the reader is gone");

        await cluster.A.DeliverAllAsync(mailbox, ["2"]);

        await tool.WaitForExitAsync();
        var kept = await cluster.A.GetAsync($"/v1/mailboxes/{mailbox}/messages");
        kept.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("data").GetString()).ShouldContain("2");
    }

    [Fact]
    public async Task A_refusal_that_is_final_is_exit_code_1() =>
        (await Tool.RunAsync(cluster.A.BaseAddress, "listen", "~system")).Code.ShouldBe(1);

    [Fact]
    public async Task Of_several_mailboxes_each_message_says_whose_it_is_and_leaves()
    {
        string[] mailboxes = [Names.Fresh("cli-a"), Names.Fresh("cli-b"), Names.Fresh("cli-c")];
        foreach (var mailbox in mailboxes)
        {
            await cluster.A.DeliverAllAsync(mailbox, ["1", "2"]);
        }

        await using var tool = await Tool.StartAsync(cluster.B.BaseAddress, ["listen", .. mailboxes]);
        await tool.UntilAsync(tool => tool.Json.Count == 6, "six came");
        foreach (var mailbox in mailboxes)
        {
            TextsOf(tool, mailbox).ShouldBe(["1", "2"]);
            await cluster.A.WaitUntilKeptAsync(mailbox, 0);
        }

        tool.Terminate();
        (await tool.WaitForExitAsync()).ShouldBe(0, tool.Output);
    }

    [Fact]
    public async Task For_people_the_mailbox_stands_before_the_message_where_there_are_several()
    {
        string[] mailboxes = [Names.Fresh("cli-a"), Names.Fresh("cli-b")];
        await cluster.A.DeliverAllAsync(mailboxes[1], ["hello"]);

        var (code, tool) = await Tool.RunAsync(cluster.A.BaseAddress, ["listen", .. mailboxes, "--output", "text", "--count", "1"]);

        code.ShouldBe(0, tool.Output);
        tool.Output.ShouldContain($" {mailboxes[1]} hello");
        tool.Output.ShouldContain($"{mailboxes[0]} open");
    }

    [Fact]
    public async Task Several_come_back_where_they_were_and_those_that_others_took_are_told_once()
    {
        string[] mailboxes = [Names.Fresh("cli-a"), Names.Fresh("cli-b"), Names.Fresh("cli-c")];
        await using var relay = new TcpRelay(cluster.A.BaseAddress);
        await using var tool = await Tool.StartAsync(relay.Address, ["listen", .. mailboxes]);
        await tool.UntilAsync(tool => mailboxes.All(mailbox => Says(tool, $"{mailbox} open")), "all are open");
        await cluster.B.DeliverAllAsync(mailboxes[0], ["1"]);
        await tool.UntilTextsAsync("1");

        await using var other = await cluster.B.OpenAsync(Way.Sse, mailboxes[1]);
        var told = $"{mailboxes[1]} replaced: another receiver has the mailbox";
        await tool.UntilAsync(tool => Says(tool, told), "it is told");
        await relay.CutAsync();
        await cluster.B.DeliverAllAsync(mailboxes[0], ["2"]);
        await cluster.B.DeliverAllAsync(mailboxes[2], ["3"]);
        await tool.UntilAsync(tool => tool.Json.Count == 3, "two more came");
        TextsOf(tool, mailboxes[0]).ShouldBe(["1", "2"]);
        TextsOf(tool, mailboxes[2]).ShouldBe(["3"]);

        await using var others = await cluster.B.OpenManyAsync(Way.Ndjson, [mailboxes[0], mailboxes[2]]);
        (await tool.WaitForExitAsync()).ShouldBe(4, tool.Output);
        tool.Output.Split('\n').Count(line => line == told).ShouldBe(1);
    }

    [Fact]
    public async Task Several_are_watched_and_nothing_is_taken()
    {
        string[] mailboxes = [Names.Fresh("cli-a"), Names.Fresh("cli-b")];
        await cluster.A.DeliverAllAsync(mailboxes[0], ["1"]);
        await cluster.A.DeliverAllAsync(mailboxes[1], ["1"]);

        var (code, tool) = await Tool.RunAsync(cluster.B.BaseAddress, ["listen", .. mailboxes, "--watch", "--count", "2"]);

        code.ShouldBe(0, tool.Output);
        foreach (var mailbox in mailboxes)
        {
            TextsOf(tool, mailbox).ShouldBe(["1"]);
            (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("a", "b", "a")]
    [InlineData("a", "b/c")]
    public async Task A_list_that_cannot_be_is_a_wrong_command_line(params string[] names) =>
        (await Tool.RunAsync(cluster.A.BaseAddress, ["listen", .. names])).Code.ShouldBe(2);

    private static bool Says(Tool tool, string line) => tool.Output.Split('\n').Contains(line);

    private static string[] TextsOf(Tool tool, string mailbox) =>
        [.. tool.Json.Where(message => message.GetProperty("mailbox").GetString() == mailbox).Select(message => message.GetProperty("data").GetString()!)];
}
