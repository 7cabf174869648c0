using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Events;

/// <summary>What happens to mailboxes comes into the mailbox ~events, which a backend opens like any other.</summary>
public class EventTests
{
    [Fact]
    public async Task A_receiver_comes_and_goes_and_a_watcher_and_a_poll_that_comes_back_are_nothing_to_tell()
    {
        await using var site = await EventSite.StartAsync();
        var mailbox = Names.Fresh("seen");
        string cursor;
        await using (var first = await site.A.OpenAsync(Way.Sse, mailbox))
        {
            cursor = (await first.NextIsAsync(ControlEvents.Open)).Cursor!;
            (await site.NextAsync(mailbox, SystemEvent.Opened)).Resumed.ShouldBe(false);
            await using var watcher = await site.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Mode = "shared" });
            await watcher.NextIsAsync(ControlEvents.Open);
        }

        (await site.NextAsync(mailbox, SystemEvent.Closed)).Reason.ShouldBe("gone");
        await using (var again = await site.B.OpenAsync(Way.WebSocket, mailbox, new ReceiverOptions { After = cursor }))
        {
            (await site.NextAsync(mailbox, SystemEvent.Opened)).Resumed.ShouldBe(true);
            await using var other = await site.A.OpenAsync(Way.Ndjson, mailbox);
            (await site.NextAsync(mailbox, SystemEvent.Opened)).Resumed.ShouldBe(false);
            (await site.NextAsync(mailbox, SystemEvent.Closed)).Reason.ShouldBe("replaced");
        }

        (await site.NextAsync(mailbox, SystemEvent.Closed)).Reason.ShouldBe("gone");
        (await site.RestAsync(mailbox)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_drains_tells_of_its_streams_and_of_one_that_dies_others_do()
    {
        await using var site = await EventSite.StartAsync();
        await using var drains = await site.Redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:Events:Enabled", "true"), ("Mailbox:Heartbeat", "00:00:01"), ("Mailbox:Sweep", "00:00:01"));
        await using var dies = await site.Redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:Events:Enabled", "true"), ("Mailbox:Heartbeat", "00:00:01"), ("Mailbox:Sweep", "00:00:01"));
        var (drained, lost) = (Names.Fresh("drained"), Names.Fresh("lost"));
        await using var first = await drains.OpenAsync(Way.Sse, drained);
        await using var second = await dies.OpenAsync(Way.Sse, lost);
        await site.NextAsync(drained, SystemEvent.Opened);
        await site.NextAsync(lost, SystemEvent.Opened);

        drains.Terminate();
        await dies.KillAsync();

        (await site.NextAsync(drained, SystemEvent.Closed)).Reason.ShouldBe("draining");
        (await site.NextAsync(lost, SystemEvent.Closed)).Reason.ShouldBe("lost");
        (await site.RestAsync(lost)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mailbox_that_ends_with_messages_is_told_and_one_that_was_removed_emptied_or_received_is_not()
    {
        await using var site = await EventSite.StartAsync(("Mailbox:Events:Look", "00:00:04"));
        var (expired, bare, removed, emptied, received) =
            (Names.Fresh("expired"), Names.Fresh("bare"), Names.Fresh("removed"), Names.Fresh("emptied"), Names.Fresh("received"));
        foreach (var mailbox in new[] { expired, removed, emptied, received })
        {
            (await site.A.PutAsync(mailbox, """{"timeToLive":12}""")).Status.ShouldBe(201);
            (await site.A.DeliverAsync(mailbox, "one")).Status.ShouldBe(202);
        }

        await site.Redis.ExecuteAsync("RPUSH", Keys.ListOf(bare), "one");
        await site.Redis.ExecuteAsync("EXPIRE", Keys.ListOf(bare), "12");
        await site.A.DeliverAsync(expired, "two");
        var id = (await site.A.DeliverAsync(emptied, "two")).Json.GetProperty("id").GetString();
        await site.UntilNotedAsync(expired, bare, removed, emptied, received);
        await site.A.DeleteAsync(MailboxRoutes.ForMailbox(removed));
        await site.A.DeleteAsync(MailboxRoutes.ForMessage(emptied, id!));
        await using (var receiver = await site.B.OpenAsync(Way.Ndjson, emptied, new ReceiverOptions { Ack = "client" }))
        {
            await receiver.AckAsync((await receiver.NextMessageAsync(Patience.Long)).Cursor!);
            await site.A.WaitUntilKeptAsync(emptied, 0);
        }

        await using (var receiver = await site.B.OpenAsync(Way.Ndjson, received))
        {
            (await receiver.NextMessageAsync(Patience.Long)).Text.ShouldBe("one"); // it stays for a resume only
        }

        var told = await site.NextAsync(expired, SystemEvent.Expired);
        told.Waiting.ShouldBe(2);
        told.Time.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await site.NextAsync(bare, SystemEvent.Expired)).Waiting.ShouldBe(1);
        (await site.RestAsync(removed, emptied, received)).ShouldNotContain(SystemEvent.Expired);
    }

    [Fact]
    public async Task The_oldest_message_that_waits_for_an_ack_is_told_once_and_the_next_when_that_is_gone()
    {
        await using var site = await EventSite.StartAsync(("Mailbox:Events:Unacknowledged", "00:00:01"));
        var late = Names.Fresh("late");
        var first = (await site.A.DeliverAsync(late, "one")).Json.GetProperty("id").GetString();
        var second = (await site.A.DeliverAsync(late, "two")).Json.GetProperty("id").GetString();
        await using var receiver = await site.B.OpenAsync(Way.Ndjson, late, new ReceiverOptions { Ack = "client" });
        var messages = await receiver.NextMessagesAsync(2, Patience.Long);

        (await site.NextAsync(late, SystemEvent.Unacknowledged)).Id.ShouldBe(first);
        await receiver.AckAsync(messages[0].Cursor!);
        (await site.NextAsync(late, SystemEvent.Unacknowledged)).Id.ShouldBe(second);
        (await site.RestAsync(late)).ShouldNotContain(SystemEvent.Unacknowledged);
    }

    [Fact]
    public async Task What_happens_while_Redis_is_away_is_told_when_it_is_back()
    {
        await using var site = await EventSite.StartAsync(("Mailbox:Redis:Deadline", "00:00:01"));
        var mailbox = Names.Fresh("away");
        var receiver = await site.A.OpenAsync(Way.Sse, mailbox);
        await site.NextAsync(mailbox, SystemEvent.Opened);

        site.Redis.Freeze();
        (await site.A.DeliverAsync(mailbox, "refused")).Status.ShouldBe(503); // from now on every call is, at once
        await receiver.DisposeAsync();
        await Task.Delay(Patience.Silence);
        site.Redis.Thaw();

        (await site.NextAsync(mailbox, SystemEvent.Closed)).Reason.ShouldBe("gone");
    }

    [Fact]
    public async Task When_nobody_reads_the_events_the_oldest_leave_and_the_reader_is_told_by_a_gap()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await redis.StartNodeAsync(Cluster.Unhurried, ("Mailbox:Events:Enabled", "true"), ("Mailbox:MaxMessages", "3"));
        for (var i = 0; i < 4; i++)
        {
            await (await node.OpenAsync(Way.Ndjson, $"m{i}")).DisposeAsync();
        }

        await Eventually.HoldsAsync(
            async () => (await node.InfoOfAsync(SystemEvent.Destination)) is { Last: 8, Messages: 3 }, Patience.Long, "eight were told, three are kept");
        await using var backend = await node.OpenAsync(Way.Ndjson, SystemEvent.Destination);
        (await backend.NextControlAsync(ControlEvents.Gap, Patience.Long)).Json!.Value.GetProperty("reason").GetString().ShouldBe(GapReasons.Dropped);
        (await backend.NextMessagesAsync(3, Patience.Long)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Nobody_delivers_events_but_the_server_and_where_they_are_off_there_is_nothing_to_open()
    {
        await using var site = await EventSite.StartAsync();
        foreach (var refused in new[]
        {
            await site.A.DeliverAsync(SystemEvent.Destination, "forged"),
            await site.A.DeliverAsync("~other", "x"),
            await site.A.PutAsync("~other", "{}"),
        })
        {
            (refused.Status, refused.Problem).ShouldBe((403, "forbidden"));
        }

        await using var without = await site.Redis.StartNodeAsync(Cluster.Unhurried);
        var answer = await without.GetAsync(MailboxRoutes.ForMailbox(SystemEvent.Destination));
        (answer.Status, answer.Problem).ShouldBe((404, "not-found"));
    }
}
