using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Cli;

/// <summary>The commands that look and tidy up, and what all of them look like on a terminal.</summary>
public sealed class LookTests(Cluster cluster)
{
    /// <summary>Runs a command on a pseudo-terminal; its first argument is what is typed once something was printed.</summary>
    private const string Terminal = """
        import os, pty, signal, sys
        pid, terminal = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a shell starts in the background ignores it
            os.execv(sys.argv[2], sys.argv[2:])
        typed, seen = sys.argv[1].encode(), b""
        while True:
            try:
                seen += os.read(terminal, 4096)
            except OSError:
                break
            if typed and b"open" in seen:
                os.write(terminal, typed)
                typed = b""
        print(repr(seen.decode()))
        print("code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """;

    [Fact]
    public async Task Peek_info_list_and_remove()
    {
        var mailbox = Names.Fresh("cli-look");
        await cluster.A.DeliverAllAsync(mailbox, ["1", "2", "3"]);

        var (_, peek) = await Tool.RunAsync(cluster.A.BaseAddress, "peek", mailbox);
        peek.Texts.ShouldBe(["1", "2", "3"]);
        var id = peek.Json[1].GetProperty("id").GetString()!;
        (await Tool.RunAsync(cluster.A.BaseAddress, "peek", mailbox, "--after", id)).Tool.Texts.ShouldBe(["3"]);
        (await Tool.RunAsync(cluster.A.BaseAddress, "peek", mailbox, "--limit", "1")).Tool.Texts.ShouldBe(["1"]);

        (await Tool.RunAsync(cluster.A.BaseAddress, "remove", mailbox, id)).Code.ShouldBe(0);
        var (_, info) = await Tool.RunAsync(cluster.B.BaseAddress, "info", mailbox);
        info.Json.ShouldHaveSingleItem().GetProperty("messages").GetInt32().ShouldBe(2);

        var (_, list) = await Tool.RunAsync(cluster.B.BaseAddress, "list", "--prefix", mailbox);
        list.Json.ShouldHaveSingleItem().GetString().ShouldBe(mailbox);

        (await Tool.RunAsync(cluster.A.BaseAddress, "remove", mailbox)).Code.ShouldBe(0);
        (await Tool.RunAsync(cluster.A.BaseAddress, "info", mailbox)).Code.ShouldBe(1);
    }

    [Fact]
    public async Task Ack_takes_a_cursor()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.DeliverAllAsync(mailbox, ["1", "2"]);
        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        var first = (await receiver.MessageAsync()).Cursor!;
        await receiver.MessageAsync();

        var (code, tool) = await Tool.RunAsync(cluster.B.BaseAddress, "ack", mailbox, first);

        code.ShouldBe(0, tool.Output);
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
        (await Tool.RunAsync(cluster.B.BaseAddress, "ack", mailbox, "junk")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task Help_shows_each_command_and_is_no_error()
    {
        var (code, tool) = await Tool.RunAsync(null, "--help");

        code.ShouldBe(0, tool.Output);
        foreach (var text in new[] { "listen", "send", "peek", "info", "ack", "remove", "list", "MAILBOX_SERVER", "Exit codes" })
        {
            tool.Output.ShouldContain(text);
        }
    }

    [Fact]
    public async Task On_a_terminal_it_prints_for_people_in_colour_and_Ctrl_C_ends_listening()
    {
        var mailbox = Names.Fresh("cli");
        await cluster.A.DeliverAsync(mailbox, "tic\u001b[31mtac", ("Mailbox-Type", "clock"));

        var peek = await OnTerminalAsync("", "peek", mailbox);
        peek.ShouldContain("code 0");
        peek.ShouldContain(@"\x1b[36mclock\x1b[0m tic\\u001b[31mtac"); // a body does not steer the terminal

        (await OnTerminalAsync("", "peek", mailbox, "--output", "json")).ShouldContain("\"type\":\"clock\"");
        (await OnTerminalAsync("\u0003", "listen", Names.Fresh("cli"))).ShouldContain("code 0");
    }

    private async Task<string> OnTerminalAsync(string typed, params string[] arguments)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Terminal);
            var python = Tools.Find("python3", "apt-get install python3");
            await using var tool = await Tool.ShellAsync(
                cluster.A.BaseAddress, $"exec '{python}' '{script}' '{typed}' \"$@\"", arguments);
            (await tool.WaitForExitAsync()).ShouldBe(0, tool.Output);
            return tool.Output;
        }
        finally
        {
            File.Delete(script);
        }
    }
}
