using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Many;

/// <summary>One connection is fed from several mailboxes, and after a cut all of them go on where they were.</summary>
public class ComingBack(Cluster cluster)
{
    public static TheoryData<Way> EachWay { get; } = new(ManyCalls.Ways);

    public static TheoryData<Way> EachWayWithPlaces { get; } = new(ManyCalls.WaysWithPlaces);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task Each_message_comes_at_once_with_the_name_of_its_mailbox_and_a_cursor_of_its_own(Way way)
    {
        var mailboxes = ManyCalls.Fresh(3);
        await using var receiver = await cluster.B.OpenManyAsync(way, mailboxes);
        var opened = await receiver.AllOpenAsync(mailboxes);
        opened.Select(open => open.Json!.Value.GetProperty("receiver").GetString()).Distinct().Count().ShouldBe(1);

        foreach (var mailbox in mailboxes.Reverse())
        {
            (await cluster.A.DeliverAsync(mailbox, $"for {mailbox}")).Status.ShouldBe(201);
            var message = await receiver.MessageAsync();
            (message.Mailbox, message.Text).ShouldBe((mailbox, $"for {mailbox}"));
            message.Cursor!.Length.ShouldBe(43);
        }

        (await cluster.A.GetAsync("/health/live")).Status.ShouldBe(200);
        await receiver.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWayWithPlaces))]
    public async Task After_a_cut_every_mailbox_goes_on_behind_what_came_without_a_duplicate(Way way)
    {
        var mailboxes = ManyCalls.Fresh(4);
        foreach (var mailbox in mailboxes) await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));
        string? places = null;
        var received = new List<ReceivedEvent>();
        for (var cut = 0; cut < 4; cut++)
        {
            await using var receiver = await (cut % 2 == 0 ? cluster.A : cluster.B).OpenManyAsync(
                way, mailboxes.Reverse().ToList(), way == Way.Sse ? new() { LastEventId = places } : new() { After = places });
            await receiver.AllOpenAsync(mailboxes);
            received.AddRange(await receiver.MessagesAsync(2)); // in the middle of what waits
            places = receiver.LastPlaces;
            await cluster.A.DeliverAllAsync(mailboxes[cut], [$"while away {cut}"]);
        }

        await using var last = await cluster.B.OpenManyAsync(way, mailboxes, new() { After = places });
        await last.AllOpenAsync(mailboxes);
        received.AddRange(await last.MessagesAsync((4 * 3) + 4 - received.Count));
        for (var i = 0; i < mailboxes.Length; i++)
        {
            received.TextsOf(mailboxes[i]).ShouldBe(["m1", "m2", "m3", $"while away {i}"]);
        }

        await last.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task A_message_s_own_cursor_acknowledges_in_its_mailbox_and_nowhere_else(Way way)
    {
        var mailboxes = ManyCalls.Fresh(2);
        foreach (var mailbox in mailboxes) await cluster.A.DeliverAllAsync(mailbox, ["m1", "m2"]);
        await using var receiver = await cluster.B.OpenManyAsync(way, mailboxes, new() { Ack = "client" });
        await receiver.AllOpenAsync(mailboxes);
        var second = (await receiver.MessagesAsync(4)).Last(message => message.Mailbox == mailboxes[1]);

        if (receiver is WebSocketReceiver socket)
        {
            await socket.SayAsync($$"""{"mailbox":"{{mailboxes[1]}}","ack":"{{second.Cursor}}"}""");
        }
        else
        {
            (await cluster.A.AckAsync(mailboxes[1], second.Cursor!)).Status.ShouldBe(204);
        }

        await cluster.A.WaitUntilKeptAsync(mailboxes[1], 0);
        (await cluster.A.InfoOfAsync(mailboxes[0])).Messages.ShouldBe(2);
    }

    [Fact]
    public async Task On_a_WebSocket_each_mailbox_comes_back_by_its_own_cursor_as_the_receiver_that_the_URL_names()
    {
        var mailboxes = ManyCalls.Fresh(2);
        string receiver, cursor;
        await using (var socket = await cluster.A.OpenSocketAsync(mailboxes))
        {
            receiver = (await socket.AllOpenAsync(mailboxes))[0].Json!.Value.GetProperty("receiver").GetString()!;
            await cluster.A.DeliverAllAsync(mailboxes[0], ["m1"]);
            cursor = (await socket.MessageAsync()).Cursor!;
        }

        await cluster.A.DeliverAllAsync(mailboxes[0], ["m2"]);
        await using var again = await cluster.B.OpenSocketAsync([], new() { Receiver = receiver });
        await again.SayAsync($$"""{"open":"{{mailboxes[0]}}","after":"{{cursor}}"}""");
        await again.NextIsAsync(ControlEvents.Open, mailboxes[0]);
        (await again.MessageAsync()).Text.ShouldBe("m2");
        await again.SilenceAsync();
    }

    [Theory]
    [MemberData(nameof(EachWayWithPlaces))]
    public async Task What_was_lost_of_a_mailbox_is_told_with_its_name_and_the_others_hear_nothing_of_it(Way way)
    {
        var mailboxes = ManyCalls.Fresh(2);
        await cluster.A.PutAsync(mailboxes[1], """{"maxMessages":2,"overflow":"dropOldest"}""");
        string places;
        await using (var receiver = await cluster.A.OpenManyAsync(way, mailboxes))
        {
            await receiver.AllOpenAsync(mailboxes);
            places = receiver.LastPlaces!;
        }

        await cluster.A.DeliverAllAsync(mailboxes[1], Reading.Numbered(1, 5));
        await cluster.A.DeliverAllAsync(mailboxes[0], ["other"]);
        await using var again = await cluster.B.OpenManyAsync(way, mailboxes, new() { After = places });
        await again.AllOpenAsync(mailboxes);
        var events = new List<ReceivedEvent>();
        while (events.Count < 4) events.Add(await again.NextAsync(Patience.Long));

        var gap = events.Single(one => one.IsControl(ControlEvents.Gap));
        gap.Mailbox.ShouldBe(mailboxes[1]);
        (gap.Json!.Value.GetProperty("from").GetInt64(), gap.Json.Value.GetProperty("to").GetInt64()).ShouldBe((1, 3));
        events.TextsOf(mailboxes[0]).ShouldBe(["other"]);
        events.Where(one => one.Kind == ReceivedKind.Message).TextsOf(mailboxes[1]).ShouldBe(["m4", "m5"]);
    }

    [Theory]
    [MemberData(nameof(EachWayWithPlaces))]
    public async Task A_hundred_mailboxes_have_places_that_fit_a_header_and_at_the_last_message_of_a_flush(Way way)
    {
        var mailboxes = ManyCalls.Fresh(100);
        await cluster.A.DeliverAllAsync(mailboxes[7], Reading.Numbered(1, 10));
        string places;
        await using (var receiver = await cluster.A.OpenManyAsync(way, mailboxes))
        {
            await receiver.AllOpenAsync(mailboxes);
            (await receiver.MessagesAsync(10)).TextsOf(mailboxes[7]).ShouldBe(Reading.Numbered(1, 10));
            places = receiver.LastPlaces!;
            places.Length.ShouldBeLessThan(3_100);
        }

        await cluster.A.DeliverAllAsync(mailboxes[7], ["m11"]);
        await cluster.A.DeliverAllAsync(mailboxes[99], ["m1"]);
        await using var again = await cluster.B.OpenManyAsync(way, mailboxes, new() { LastEventId = places });
        await again.AllOpenAsync(mailboxes);
        (await again.MessagesAsync(2)).Select(message => (message.Mailbox, message.Text))
            .ShouldBe([(mailboxes[7], "m11"), (mailboxes[99], "m1")], ignoreOrder: true);
    }
}
