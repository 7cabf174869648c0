using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Limits;

/// <summary>Thousands of connections from one address, while another address goes on.</summary>
[Collection(Alone.Name)]
public class ConnectionFloods(Cluster cluster, ITestOutputHelper output)
{
    private const int Crowded = 5_000;

    [Fact]
    public async Task Connections_over_those_of_one_address_are_closed_and_silent_ones_soon_after()
    {
        await using var node = await cluster.StartNodeAsync(
            ("Mailbox:Limits:ConnectionsPerAddress", "1000"), ("Mailbox:Limits:HeadersTimeout", "00:00:05"));
        await using var memory = new MemoryWatch(node, output);
        await using (var crowd = await Crowd.GatherAsync(node.BaseAddress, Crowded))
        {
            await Eventually.HoldsAsync(() => crowd.CountClosed() >= Crowded - 1_000, Patience.Start, "those over the limit are closed");
            await WorksAsync(node);
            await Eventually.HoldsAsync(() => crowd.CountClosed() == Crowded, Patience.Start, "the silent ones are closed");
        }

        await using var again = await Crowd.GatherAsync(node.BaseAddress, 1);
        await again.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        await Eventually.HoldsAsync(() => again.Arrived().Single().StartsWith("HTTP/1.1 200", StringComparison.Ordinal), Patience.Long, "its places are free again");
        memory.StaysWithin(150);
    }

    [Fact]
    public async Task Streams_over_those_of_one_address_are_refused_and_all_are_gone_with_their_clients()
    {
        const int Most = 1_000;
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:StreamsPerAddress", $"{Most}"));
        var watched = Names.Fresh("flood");
        await using var memory = new MemoryWatch(node, output);
        await using (var crowd = await Crowd.GatherAsync(node.BaseAddress, Crowded))
        {
            await crowd.SendAsync($"GET {MailboxRoutes.ForMailbox(watched)}?mode=shared HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
            var told = new string[Crowded];
            Array.Fill(told, "");
            await Eventually.HoldsAsync(
                () =>
                {
                    told = [.. told.Zip(crowd.Arrived(), (before, now) => before + now)];
                    return told.All(text => text.Contains("\ndata: ", StringComparison.Ordinal));
                },
                TimeSpan.FromMinutes(2),
                "everybody is answered");
            told.Count(text => text.Contains("event: mailbox.open", StringComparison.Ordinal)).ShouldBe(Most);
            told.Count(text => text.Contains("too-many-requests", StringComparison.Ordinal)).ShouldBe(Crowded - Most);
            (await ConnectionsAsync(node)).ShouldBe(Most);
            await WorksAsync(node);
        }

        await Eventually.HoldsAsync(async () => await ConnectionsAsync(node) == 0, Patience.Start, "no stream is left open");
        memory.StaysWithin(250);
    }

    [Fact]
    public async Task Headers_that_come_byte_by_byte_are_not_waited_for()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:HeadersTimeout", "00:00:03"));
        await using var memory = new MemoryWatch(node, output);
        await using var crowd = await Crowd.GatherAsync(node.BaseAddress, 1_000);
        await crowd.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        var told = new List<string>();
        await Eventually.HoldsAsync(
            async () =>
            {
                await crowd.SendAsync("a");
                told.AddRange(crowd.Arrived().Where(text => text.Length > 0));
                return crowd.CountClosed() == crowd.Members.Count;
            },
            Patience.Start,
            "all are closed");
        told.ShouldAllBe(text => text.StartsWith("HTTP/1.1 408", StringComparison.Ordinal));
        await WorksAsync(node);
        memory.StaysWithin(150);
    }

    private static async Task<int> ConnectionsAsync(MailboxNode node) =>
        (await node.GetAsync("/info")).Json.GetProperty("connections").GetInt32();

    /// <summary>For who comes from elsewhere.</summary>
    private static async Task WorksAsync(MailboxNode node)
    {
        var mailbox = Names.Fresh("flood-other");
        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        (await node.DeliverAsync(mailbox, "goes on")).Status.ShouldBe(202);
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe(["goes on"]);
    }
}
