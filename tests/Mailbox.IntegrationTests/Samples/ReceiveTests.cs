using Mailbox.Contracts;
using Mailbox.IntegrationTests.Browser;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The samples that receive. Each prints messages as JSON lines, and says what happens beside them.</summary>
public sealed class ReceiveTests(Cluster cluster)
{
    /// <summary>Those that speak the protocol themselves: they say more of what they see.</summary>
    public static TheoryData<string> OnTheWire => ["python/receive.py", "node/receive.mjs", "shell/receive.sh"];

    public static TheoryData<string> Receivers => ["python/receive.py", "node/receive.mjs", "shell/receive.sh", "dotnet-console receive"];

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task What_waits_and_what_comes_is_printed_once_and_acknowledged(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await cluster.A.DeliverAllAsync(mailbox, ["1", "2"]);
        await using var running = await Sample.StartAsync(sample, cluster.A.BaseAddress, null, [mailbox]);
        await running.UntilTextsAsync("1", "2");

        await cluster.B.DeliverAsync(mailbox, "ä\n\"b\"", ("Mailbox-Type", "greeting"));
        await running.UntilTextsAsync("1", "2", "ä\n\"b\"");

        running.Messages[2].GetProperty("type").GetString().ShouldBe("greeting");
        await cluster.A.WaitUntilKeptAsync(mailbox, 0);
        (await cluster.A.InfoOfAsync(mailbox)).Epoch.ShouldBe(1); // one open
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task What_was_dropped_is_told_as_a_gap_and_the_rest_comes(string sample)
    {
        var mailbox = Names.Fresh("sample");
        (await cluster.A.PutAsync(mailbox, """{"maxMessages":2,"overflow":"dropOldest"}""")).Status.ShouldBe(201);
        await cluster.A.DeliverAllAsync(mailbox, ["1", "2", "3"]);

        await using var running = await Sample.StartAsync(sample, cluster.A.BaseAddress, null, [mailbox]);

        await running.UntilTextsAsync("2", "3");
        await running.UntilToldAsync("gap: ");
        running.Told.ShouldContain(line => line.StartsWith("gap: ", StringComparison.Ordinal) && line.Contains("dropped"));
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task A_reset_is_told_and_what_follows_comes(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);
        await using var running = await Sample.StartAsync(sample, cluster.A.BaseAddress, null, [mailbox]);
        await running.UntilTextsAsync("1");

        (await cluster.B.DeleteAsync(MailboxRoutes.ForMailbox(mailbox))).Status.ShouldBe(204);
        await running.UntilToldAsync("reset: ");

        await cluster.B.DeliverAllAsync(mailbox, ["2"]);
        await running.UntilTextsAsync("1", "2");
        await cluster.A.WaitUntilKeptAsync(mailbox, 0); // the new cursor acknowledges
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task One_that_is_replaced_ends_and_does_not_come_back(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await using var running = await Sample.StartAsync(sample, cluster.A.BaseAddress, null, [mailbox]);
        await running.UntilToldAsync("open");

        await using var other = await cluster.B.OpenAsync(Way.Sse, mailbox);

        (await running.WaitForExitAsync()).ShouldBe(0, string.Join('\n', running.Told));
        running.Told[^1].ShouldStartWith("replaced");
        await cluster.A.DeliverAsync(mailbox, "for the other");
        (await other.TextsAsync(1)).ShouldBe(["for the other"]);
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task One_that_was_superseded_while_it_was_away_ends(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await using var relay = new TcpRelay(cluster.A.BaseAddress);
        await using var running = await Sample.StartAsync(sample, relay.Address, null, [mailbox]);
        await running.UntilToldAsync("open");
        relay.Refuse();
        await relay.CutAsync();
        await using var other = await cluster.B.OpenAsync(Way.Sse, mailbox);
        relay.Accept();

        (await running.WaitForExitAsync()).ShouldBe(0, string.Join('\n', running.Told));
        running.Told[^1].ShouldStartWith("replaced");
    }

    [Theory]
    [MemberData(nameof(OnTheWire))]
    public async Task One_whose_node_drains_comes_back_on_another_as_itself(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await using var leaving = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        await using var relay = new TcpRelay(leaving.BaseAddress);
        await cluster.B.DeliverAllAsync(mailbox, ["1"]);
        await using var running = await Sample.StartAsync(sample, relay.Address, null, [mailbox]);
        await running.UntilTextsAsync("1");
        var receiver = (await cluster.B.InfoOfAsync(mailbox)).Receiver;

        leaving.Terminate();
        await running.UntilToldAsync("draining");
        await cluster.B.DeliverAllAsync(mailbox, ["2"]);
        await relay.SwitchToAsync(cluster.B.BaseAddress);
        await running.UntilToldAsync("open", times: 2);
        await cluster.B.DeliverAllAsync(mailbox, ["3"]);

        await running.UntilTextsAsync("1", "2", "3");
        (await cluster.B.InfoOfAsync(mailbox)).Receiver.ShouldBe(receiver);
    }

    [Theory]
    [MemberData(nameof(OnTheWire))]
    public async Task One_that_finds_no_room_comes_back_until_there_is_some(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "1"));
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);
        var other = await node.OpenAsync(Way.Sse, Names.Fresh("other"));

        await using var running = await Sample.StartAsync(sample, node.BaseAddress, null, [mailbox]);
        await running.UntilToldAsync("unavailable");
        await other.DisposeAsync();

        await running.UntilTextsAsync("1");
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task One_that_finds_no_server_waits_for_it(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await cluster.A.DeliverAllAsync(mailbox, ["1"]);
        var port = FreePorts.Take();
        await using var running = await Sample.StartAsync(sample, new Uri($"http://127.0.0.1:{port}"), null, [mailbox]);

        await using var node = await MailboxNode.StartAsync(
            cluster.Redis, new MailboxNodeOptions { Port = port, StartDeadline = Patience.Start });

        await running.UntilTextsAsync("1");
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task A_connection_that_breaks_costs_nothing(string sample)
    {
        var mailbox = Names.Fresh("sample");
        await using var relay = new TcpRelay(cluster.A.BaseAddress);
        await using var running = await Sample.StartAsync(sample, relay.Address, null, [mailbox]);
        await running.UntilToldAsync("open");
        await cluster.B.DeliverAllAsync(mailbox, ["1", "2"]);
        await running.UntilTextsAsync("1", "2");

        await relay.CutAsync();
        await cluster.B.DeliverAllAsync(mailbox, ["3"]);

        await running.UntilTextsAsync("1", "2", "3");
    }

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task A_refusal_that_is_final_ends_it_with_an_error(string sample)
    {
        await using var running = await Sample.StartAsync(sample, cluster.A.BaseAddress, null, ["~system"]);

        (await running.WaitForExitAsync()).ShouldNotBe(0);
        string.Join('\n', running.Told).ShouldContain("403");
    }
}
