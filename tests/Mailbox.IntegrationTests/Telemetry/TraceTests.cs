using System.Text;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>A trace goes with its message, from the sender's request to what the receiver is given.</summary>
public class TraceTests(Cluster cluster)
{
    private readonly string _trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
    private readonly string _sender = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 8));

    [Fact]
    public async Task It_goes_through_redis_to_a_receiver_on_another_node_and_both_nodes_tell_of_their_part()
    {
        using var collector = new CollectorStandIn();
        await using var sending = await cluster.StartNodeAsync(collector.Settings);
        await using var receiving = await cluster.StartNodeAsync(collector.Settings);
        foreach (var way in Ways.All.Where(way => way != Way.Sse))
        {
            var mailbox = Names.Fresh("trace");
            await using var receiver = await receiving.OpenAsync(way, mailbox);
            var message = receiver.MessageAsync();
            await cluster.WaitForListenerAsync(mailbox);
            (await sending.DeliverAsync(mailbox, "traced", ("traceparent", $"00-{_trace}-{_sender}-01"), ("tracestate", "vendor=\"a\\b\""))).Status
                .ShouldBeOneOf(201, 202);
            var envelope = (await message).Json!.Value;
            var parent = envelope.GetProperty("traceparent").GetString()!.Split('-');
            parent[1].ShouldBe(_trace);
            parent[2].ShouldNotBe(_sender, "it is the server's own span");
            envelope.GetProperty("tracestate").GetString().ShouldBe("vendor=\"a\\b\"");

            // Its own span's id, the parent's of the writing, and the link's.
            await Eventually.HoldsAsync(
                () => collector.CountOf("/v1/traces", Convert.FromHexString(parent[2])) >= 3, Patience.Start, "both nodes tell of it");
        }

        foreach (var name in new[] { "mailbox.deliver", "mailbox.write" })
        {
            collector.CountOf("/v1/traces", Encoding.UTF8.GetBytes(name)).ShouldBeGreaterThan(0, name);
        }

        collector.CountOf("/v1/traces", Convert.FromHexString(_trace)).ShouldBeGreaterThanOrEqualTo(4 * 3);
        await Eventually.HoldsAsync(
            () => collector.CountOf("/v1/metrics", "mailbox.connections"u8) > 0 && collector.CountOf("/v1/metrics", "mailbox.wake.latency"u8) > 0,
            Patience.Start,
            "the figures come, too");
    }

    [Fact]
    public async Task A_delivery_without_a_trace_begins_none()
    {
        using var collector = new CollectorStandIn();
        await using var node = await cluster.StartNodeAsync(collector.Settings);
        var mailbox = Names.Fresh("trace");
        await using var receiver = await node.OpenAsync(Way.Ndjson, mailbox);
        await node.DeliverAsync(mailbox, "untraced");
        (await receiver.MessageAsync()).Json!.Value.TryGetProperty("traceparent", out _).ShouldBeFalse();

        await node.DeliverAsync(mailbox, "traced", ("traceparent", $"00-{_trace}-{_sender}-01"));
        await receiver.MessageAsync();
        await Eventually.HoldsAsync(() => collector.CountOf("/v1/traces", "mailbox.write"u8) == 1, Patience.Start, "the traced one is told of");
        collector.CountOf("/v1/traces", "mailbox.deliver"u8).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Topic")] // the long way
    [InlineData("many")]
    public async Task On_a_node_that_sends_nothing_the_sender_s_own_context_goes_with_the_message(string how)
    {
        var mailbox = Names.Fresh("trace");
        await using var receiver = await cluster.B.OpenAsync(Way.WebSocket, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        var traceparent = ("traceparent", $"00-{_trace}-{_sender}-01");
        var answer = how == "many"
            ? await cluster.A.CallAsync(
                "POST", MailboxRoutes.DeliverMany, Encoding.UTF8.GetBytes($$"""{"to":["{{mailbox}}"],"data":"m"}"""), ("Content-Type", "application/json"), traceparent)
            : await cluster.A.DeliverAsync(mailbox, "m", how.Length > 0 ? [traceparent, (how, "t")] : [traceparent]);
        answer.Status.ShouldBeOneOf(200, 201);

        var message = (await receiver.MessageAsync()).Json!.Value;

        message.GetProperty("traceparent").GetString().ShouldBe($"00-{_trace}-{_sender}-01");
        message.TryGetProperty("tracestate", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("00-{0}-{1}-00", null)] // not sampled: nobody would look for it
    [InlineData("00-00000000000000000000000000000000-{1}-01", null)]
    [InlineData("junk\"}}", null)]
    [InlineData("", null)]
    [InlineData("00-{0}-{1}-01", "00-{0}-{1}-01")]
    public async Task Only_a_recorded_one_is_kept(string sent, string? kept)
    {
        var mailbox = Names.Fresh("trace");
        (await cluster.A.DeliverAsync(mailbox, "m", ("traceparent", Filled(sent)!))).Status.ShouldBe(202);

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);

        var message = (await receiver.MessageAsync()).Json!.Value;
        (message.TryGetProperty("traceparent", out var parent) ? parent.GetString() : null).ShouldBe(Filled(kept));

        string? Filled(string? text) => text?.Replace("{0}", _trace, StringComparison.Ordinal).Replace("{1}", _sender, StringComparison.Ordinal);
    }

    /// <summary>Linux: what a process has loaded is in its map.</summary>
    [Fact]
    public async Task A_node_that_sends_nothing_loads_nothing_for_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("There is no /proc here.");

        await using var receiver = await cluster.A.OpenAsync(Way.Ndjson, Names.Fresh("trace"));
        await Figures.OfAsync(cluster.A);

        using var collector = new CollectorStandIn();
        await using var node = await cluster.StartNodeAsync(collector.Settings);
        (await File.ReadAllTextAsync($"/proc/{node.Pid}/maps")).ShouldContain("OpenTelemetry");
        (await File.ReadAllTextAsync($"/proc/{cluster.A.Pid}/maps")).ShouldNotContain("OpenTelemetry");
    }
}
