using System.Net;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>A mailbox that another receiver takes over leaves the connection, and the others go on.</summary>
public class TakingOver(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(ManyCalls.Ways);

    public static TheoryData<Way> EachWayWithPlaces { get; } = new(ManyCalls.WaysWithPlaces);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task One_that_is_taken_over_is_told_and_the_others_go_on_until_none_is_left(Way way)
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var receiver = await cluster.A.OpenManyAsync(way, mailboxes);
        await receiver.AllOpenAsync(mailboxes);

        await using var other = await cluster.B.OpenAsync(Way.Sse, mailboxes[0]);
        await receiver.NextIsAsync(ControlEvents.Replaced, mailboxes[0]);
        await cluster.B.DeliverAllAsync(mailboxes[0], ["theirs"]);
        await cluster.B.DeliverAllAsync(mailboxes[1], ["ours"]);
        var message = await receiver.MessageAsync();
        (message.Mailbox, message.Text).ShouldBe((mailboxes[1], "ours"));

        await using var another = await cluster.B.OpenAsync(Way.Sse, mailboxes[1]);
        await receiver.NextIsAsync(ControlEvents.Replaced, mailboxes[1]);
        (await receiver.ToEndAsync()).ShouldBeEmpty();
        if (receiver is WebSocketReceiver socket)
        {
            socket.CloseCode.ShouldBe(4409);
            return;
        }

        var refused = await Should.ThrowAsync<OpenRefusedException>(
            () => cluster.A.OpenManyAsync(way, mailboxes, new() { LastEventId = receiver.LastPlaces }));
        refused.Status.ShouldBe(way == Way.Sse ? HttpStatusCode.NoContent : HttpStatusCode.Conflict);
        (await other.MessageAsync()).Text.ShouldBe("theirs");
    }

    [Theory]
    [MemberData(nameof(EachWayWithPlaces))]
    public async Task Who_comes_back_is_told_what_was_taken_over_meanwhile_and_does_not_take_it_back(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        string places;
        await using (var receiver = await cluster.A.OpenManyAsync(way, mailboxes))
        {
            await receiver.AllOpenAsync(mailboxes);
            places = receiver.LastPlaces!;
        }

        await using var other = await cluster.B.OpenAsync(Way.Ndjson, mailboxes[1]);
        await other.NextIsAsync(ControlEvents.Open);
        for (var round = 0; round < 2; round++)
        {
            await using var again = await cluster.A.OpenManyAsync(way, mailboxes, new() { After = places });
            await again.NextIsAsync(ControlEvents.Replaced, mailboxes[1]);
            await again.AllOpenAsync([mailboxes[0], mailboxes[2]]);
            await cluster.A.DeliverAllAsync(mailboxes[2], [$"{round}"]);
            (await again.MessageAsync()).Text.ShouldBe($"{round}");
            places = again.LastPlaces!;
        }

        await other.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task One_that_the_same_receiver_opens_elsewhere_is_told_as_closed_and_the_others_go_on(Way way)
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var receiver = await cluster.A.OpenManyAsync(way, mailboxes, new() { Receiver = "00000000000000a1" });
        await receiver.AllOpenAsync(mailboxes);

        await using var elsewhere = await cluster.B.OpenAsync(Way.Sse, mailboxes[0], new() { Receiver = "00000000000000a1" });
        await elsewhere.NextIsAsync(ControlEvents.Open);
        await receiver.NextIsAsync(ControlEvents.Closed, mailboxes[0], "superseded");

        await cluster.A.DeliverAllAsync(mailboxes[1], ["m1"]);
        (await receiver.MessageAsync()).Text.ShouldBe("m1");
    }

    [Theory]
    [MemberData(nameof(EachWayWithPlaces))]
    public async Task A_reconnect_of_the_whole_list_ends_the_older_connection_quietly(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var older = await cluster.A.OpenManyAsync(way, mailboxes);
        await older.AllOpenAsync(mailboxes);

        await using var newer = await cluster.B.OpenManyAsync(way, mailboxes, new() { After = older.LastPlaces });
        await newer.AllOpenAsync(mailboxes);
        var last = await older.ToEndAsync();

        last.ShouldAllBe(one => one.IsControl(ControlEvents.Closed));
        last.Select(one => one.Mailbox).ShouldBe(mailboxes, ignoreOrder: true);
        await cluster.A.DeliverAllAsync(mailboxes[0], ["m1"]);
        (await newer.MessageAsync()).Text.ShouldBe("m1");
    }

    [Fact]
    public async Task Watchers_of_several_take_nothing_over()
    {
        var mailboxes = ManyCalls.Fresh(2);
        await using var receiver = await cluster.A.OpenManyAsync(Way.Sse, mailboxes);
        await receiver.AllOpenAsync(mailboxes);
        await using var watcher = await cluster.B.OpenManyAsync(Way.Ndjson, mailboxes, new() { Mode = "shared" });
        await watcher.AllOpenAsync(mailboxes);

        await cluster.A.DeliverAllAsync(mailboxes[1], ["m1"]);
        foreach (var each in new[] { receiver, watcher })
        {
            (await each.MessageAsync()).Text.ShouldBe("m1");
        }
    }
}
