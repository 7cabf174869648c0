using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>A node that goes away says so once for a connection, however many mailboxes it has (G10).</summary>
public class Leaving(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(ManyCalls.Ways);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task One_goodbye_and_every_place_is_kept(Way way)
    {
        var mailboxes = ManyCalls.Fresh(20);
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        await using var receiver = await node.OpenManyAsync(way, mailboxes);
        await receiver.AllOpenAsync(mailboxes);
        await cluster.A.DeliverAllAsync(mailboxes[3], ["m1"]);
        var cursor = (await receiver.MessageAsync()).Cursor;

        node.Terminate();

        var goodbye = await receiver.NextIsAsync(ControlEvents.Draining);
        goodbye.Mailbox.ShouldBeNull();
        (await receiver.ToEndAsync()).ShouldBeEmpty();
        if (receiver is WebSocketReceiver socket)
        {
            socket.CloseCode.ShouldBe(1012);
        }
        else
        {
            goodbye.Places.ShouldBe(receiver.LastPlaces);
            (receiver as SseReceiver)?.RetryMilliseconds.ShouldNotBeNull();
            await cluster.A.DeliverAllAsync(mailboxes[3], ["m2"]);
            await using var next = await cluster.B.OpenManyAsync(way, mailboxes, new() { After = receiver.LastPlaces });
            await next.AllOpenAsync(mailboxes);
            (await next.MessageAsync()).Text.ShouldBe("m2");
        }

        cursor.ShouldNotBeNull();
        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0);
    }

    [Fact]
    public async Task A_WebSocket_without_a_mailbox_is_told_too_and_does_not_hold_up_the_exit()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:DrainWindow", "00:00:01"));
        var mailbox = Names.Fresh("many-closed");
        await using var socket = await node.OpenSocketAsync([mailbox]);
        await socket.AllOpenAsync([mailbox]);
        await socket.SayAsync($$"""{"close":"{{mailbox}}"}""");
        await socket.NextIsAsync(ControlEvents.Closed);

        node.Terminate();

        await socket.NextIsAsync(ControlEvents.Draining);
        (await socket.ToEndAsync()).ShouldBeEmpty();
        socket.CloseCode.ShouldBe(1012);
        (await node.WaitForExitAsync(Patience.Long)).ShouldBe(0);
    }

    [Fact]
    public async Task When_its_client_is_gone_nobody_is_present_any_more()
    {
        var mailboxes = ManyCalls.Fresh(10);
        var receiver = await cluster.A.OpenManyAsync(Way.Sse, mailboxes);
        await receiver.AllOpenAsync(mailboxes);
        (await cluster.A.InfoOfAsync(mailboxes[9])).Connected.ShouldBeTrue();

        await receiver.DisposeAsync();

        foreach (var mailbox in mailboxes) await cluster.B.WaitUntilAbsentAsync(mailbox);
    }
}
