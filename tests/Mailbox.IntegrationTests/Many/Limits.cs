using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>A connection counts as one of the node's, and as so many of its caller's and its address's as it has mailboxes (G9).</summary>
public class Limits(Cluster cluster)
{
    [Theory]
    [InlineData("Mailbox:Limits:StreamsPerCaller")]
    [InlineData("Mailbox:Limits:StreamsPerAddress")]
    public async Task A_caller_holds_no_more_mailboxes_for_having_them_on_one_connection(string setting)
    {
        var mailboxes = ManyCalls.Fresh(5);
        await using var node = await cluster.StartNodeAsync((setting, "4"));
        await using (var first = await node.OpenManyAsync(Way.Sse, mailboxes[..3]))
        {
            await first.AllOpenAsync(mailboxes[..3]);
            foreach (var way in ManyCalls.WaysWithPlaces)
            {
                await ShouldBeFullAsync(node, way, mailboxes[3..]);
            }

            await using var single = await node.OpenAsync(Way.Ndjson, mailboxes[3]);
            await single.NextIsAsync(ControlEvents.Open);
            await ShouldBeFullAsync(node, Way.Ndjson, mailboxes[4..]);
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                await using var again = await node.OpenManyAsync(Way.Ndjson, mailboxes[..4]);
                return (await again.NextAsync(Patience.Long)).IsControl(ControlEvents.Open);
            },
            Patience.Long,
            "there is room again");
    }

    [Fact]
    public async Task A_mailbox_that_is_opened_live_needs_room_and_one_that_is_closed_gives_it_back()
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:StreamsPerCaller", "2"));
        await using var socket = await node.OpenSocketAsync([]);
        foreach (var mailbox in mailboxes[..2])
        {
            await socket.SayAsync($$"""{"open":"{{mailbox}}"}""");
            await socket.NextIsAsync(ControlEvents.Open, mailbox);
        }

        for (var round = 0; round < 3; round++)
        {
            await socket.SayAsync($$"""{"open":"{{mailboxes[2]}}"}""");
            await socket.NextIsAsync(ControlEvents.Refused, mailboxes[2], "too-many-requests");
            await socket.SayAsync($$"""{"close":"{{mailboxes[0]}}"}""");
            await socket.NextIsAsync(ControlEvents.Closed, mailboxes[0]);
            await socket.SayAsync($$"""{"open":"{{mailboxes[0]}}"}""");
            await socket.NextIsAsync(ControlEvents.Open, mailboxes[0]);
        }
    }

    [Fact]
    public async Task A_mailbox_that_was_taken_over_before_needs_no_room()
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:StreamsPerCaller", "2"));
        string places;
        await using (var first = await cluster.A.OpenManyAsync(Way.Ndjson, mailboxes[..2]))
        {
            await first.AllOpenAsync(mailboxes[..2]);
            places = first.LastPlaces!;
        }

        await using var other = await cluster.B.OpenAsync(Way.Ndjson, mailboxes[0]);
        await other.NextIsAsync(ControlEvents.Open);
        await using var again = await node.OpenManyAsync(Way.Ndjson, mailboxes[..2], new() { After = places });
        ReceivedEvent[] told = [await again.NextAsync(Patience.Long), await again.NextAsync(Patience.Long)];
        told.ShouldContain(one => one.IsControl(ControlEvents.Replaced) && one.Mailbox == mailboxes[0]);

        await using var single = await node.OpenAsync(Way.Ndjson, mailboxes[2]);
        await single.NextIsAsync(ControlEvents.Open);
    }

    [Fact]
    public async Task To_ask_for_a_list_costs_an_open_whether_or_not_it_is_there()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:OpensPerSecond", "1"), ("Mailbox:Limits:OpenBurst", "20"));
        var statuses = new List<int>();
        while (statuses.Count < 200 && !statuses.Contains(429))
        {
            statuses.Add((await node.CallAsync(
                "GET", $"{MailboxRoutes.OpenMany}?id={new string('0', 32)}", null, ("Accept", "application/x-ndjson"))).Status);
        }

        statuses[0].ShouldBe(404);
        statuses[^1].ShouldBe(429);
    }

    [Fact]
    public async Task The_node_counts_it_as_one_connection()
    {
        var mailboxes = ManyCalls.Fresh(10);
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "2"));
        await using var first = await node.OpenManyAsync(Way.Sse, mailboxes[..5]);
        await first.AllOpenAsync(mailboxes[..5]);
        await using var second = await node.OpenManyAsync(Way.WebSocket, mailboxes[5..]);
        await second.AllOpenAsync(mailboxes[5..]);

        await Refusals.AssertUnavailableAsync(node, Way.Sse, "too-many");
    }

    [Fact]
    public async Task Opens_are_counted_by_mailboxes_too()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:Limits:OpensPerSecond", "1"), ("Mailbox:Limits:OpenBurst", "60"));
        var mailboxes = ManyCalls.Fresh(100);
        await using var first = await node.OpenManyAsync(Way.Sse, mailboxes); // more than may come at once, and nobody else's
        await first.AllOpenAsync(mailboxes);
        await ShouldBeFullAsync(node, Way.Ndjson, mailboxes[..50]);
    }

    private static async Task ShouldBeFullAsync(MailboxNode node, Way way, IReadOnlyList<string> mailboxes)
    {
        if (way == Way.Sse)
        {
            await using var stream = await node.OpenManyAsync(way, mailboxes);
            (await stream.NextIsAsync(ControlEvents.Unavailable)).Json!.Value.GetProperty("status").GetInt32().ShouldBe(429);
            (await stream.ToEndAsync()).ShouldBeEmpty();
            return;
        }

        var refused = await Should.ThrowAsync<OpenRefusedException>(() => node.OpenManyAsync(way, mailboxes));
        ((int)refused.Status, refused.ProblemType).ShouldBe((429, ProblemTypes.TooManyRequests));
    }
}
