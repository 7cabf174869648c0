using System.Diagnostics;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Lifecycle;

[Collection(Alone.Name)]
public class G10Drain(Cluster cluster)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    [Fact]
    public async Task A_node_with_a_thousand_streams_ends_them_spread_over_the_window_and_is_gone_within_ten_seconds()
    {
        await using var node = await cluster.StartNodeAsync();
        var streams = new List<SseReceiver>();
        foreach (var some in Enumerable.Range(0, 1_000).Chunk(50))
        {
            streams.AddRange(await Task.WhenAll(
                some.Select(_ => Receivers.SseAsync(node.BaseAddress, Names.Fresh("drain"), new() { Deadline = Patience.Long }))));
        }

        var watch = Stopwatch.StartNew();
        var ends = streams.Select(async stream =>
        {
            await stream.NextIsAsync(ControlEvents.Open);
            await stream.NextIsAsync(ControlEvents.Draining);
            (await stream.ToEndAsync()).ShouldBeEmpty();
            return watch.Elapsed;
        }).ToList();
        await Task.Delay(100);

        await using var stalls = new Stalls();
        watch.Restart();
        node.Terminate();
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/ready")).Status == 503, Patience.Long, "the node is unready");
        ends.ShouldContain(end => !end.IsCompleted, "it is unready while its streams still live");

        var code = await node.WaitForExitAsync(TimeSpan.FromSeconds(30));
        (watch.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        code.ShouldBe(0);
        var times = await Task.WhenAll(ends);
        times.Count(time => time < Window / 10).ShouldBeLessThan(times.Length / 2);
        streams.Select(stream => stream.RetryMilliseconds).Distinct().Count().ShouldBeGreaterThan(100);
        streams.ShouldAllBe(stream => stream.Failure == null);
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Every_transport_is_told_and_its_client_goes_on_elsewhere(Way way)
    {
        var mailbox = Names.Fresh("drain-way");
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        await using var receiver = await node.OpenAsync(way, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        await cluster.A.DeliverAllAsync(mailbox, ["m1"]);
        await receiver.TextsAsync(1);
        var told = receiver.NextAsync(Patience.Long);
        await cluster.WaitForOpensAsync(mailbox, way == Way.LongPoll ? 3 : 1); // its open, the poll that got m1, and this one

        node.Terminate();

        (await told).IsControl(ControlEvents.Draining).ShouldBeTrue();
        if (way != Way.LongPoll)
        {
            (await receiver.ToEndAsync()).ShouldBeEmpty();
        }

        if (receiver is WebSocketReceiver socket)
        {
            socket.CloseCode.ShouldBe(1012, socket.Failure?.ToString());
        }

        await cluster.A.DeliverAllAsync(mailbox, ["m2"]);
        await using var second = await cluster.B.OpenAsync(way, mailbox, new ReceiverOptions { After = receiver.LastCursor });
        await second.NextIsAsync(ControlEvents.Open);
        (await second.TextsAsync(1)).ShouldBe(["m2"]);
        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0);
    }

    [Fact]
    public async Task While_a_node_drains_it_takes_deliveries_and_refuses_opens_in_the_form_that_their_clients_survive()
    {
        var mailbox = Names.Fresh("drain-deliver");
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:01:00"));
        var streams = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => node.OpenAsync(Way.Sse, Names.Fresh("drain-hold"))));
        await using var elsewhere = await cluster.B.OpenAsync(Way.Sse, mailbox);
        await elsewhere.NextIsAsync(ControlEvents.Open);

        node.Terminate();
        await Eventually.HoldsAsync(
            async () => (await node.GetAsync("/health/ready")).Json.GetProperty("status").GetString() == "draining",
            Patience.Long,
            "the node drains");

        foreach (var way in Ways.All)
        {
            await Refusals.AssertUnavailableAsync(node, way, "draining");
        }

        (await node.DeliverAsync(mailbox, "during the drain")).Status.ShouldBe(201);
        (await elsewhere.MessageAsync()).Text.ShouldBe("during the drain");
        (await node.GetAsync("/health/live")).Status.ShouldBe(200);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_without_streams_leaves_at_once_and_is_no_longer_listed()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:10:00"));
        var id = await node.IdAsync();
        await Eventually.HoldsAsync(async () => await IsListedAsync(), Patience.Long, "it is listed");

        node.Terminate();

        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0);
        (await IsListedAsync()).ShouldBeFalse();

        async Task<bool> IsListedAsync() =>
            (await cluster.A.GetAsync(MailboxRoutes.Nodes)).Text.Contains(id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_do_not_read_do_not_hold_up_the_exit()
    {
        var mailbox = Names.Fresh("drain-stuck");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":2000,"maxBytes":60000000}""");
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:00:02"));
        await using var sse = await node.OpenAsync(Way.Sse, mailbox, new() { ReadsAhead = false, Ack = "client", Window = 1000 });
        await using var socket = await node.OpenAsync(Way.WebSocket, Names.Fresh("drain-silent"), new() { ReadsAhead = false });
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            cluster.A.DeliverAllAsync(mailbox, Enumerable.Repeat(new string('x', 65_000), 25))));

        await using var stalls = new Stalls();
        var watch = Stopwatch.StartNew();
        node.Terminate();

        (await node.WaitForExitAsync(TimeSpan.FromSeconds(30))).ShouldBe(0);
        (watch.Elapsed - stalls.Total).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(250);
        await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(mailbox));
    }
}
