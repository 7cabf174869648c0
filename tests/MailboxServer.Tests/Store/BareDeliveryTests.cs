using Mailbox;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.TestKit;

namespace MailboxServer.Tests.Store;

/// <summary>MULTI, RPUSH, EXPIRE NX, PUBLISH, EXEC: by any client, without the server.</summary>
[Collection(StoreOnRedis.Name)]
public sealed class BareDeliveryTests(RedisFixture fixture)
{
    [Fact]
    public async Task A_bare_delivery_makes_the_mailbox_and_lives_as_long_as_it_says()
    {
        var mailbox = fixture.Mailbox();

        await mailbox.BareAsync("a", ttl: 50);

        ((long)(await mailbox.Cli.ExecuteAsync("TTL", mailbox.List))!).ShouldBeInRange(1, 50);
        (await mailbox.PeekAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task The_list_is_brought_to_the_mailbox_s_deadline_when_the_bare_delivery_gave_an_earlier_one()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.OpenAsync();
        await mailbox.BareAsync("a", ttl: 5);
        var deadline = await mailbox.NumberAsync("deadline");
        (await mailbox.DeadlinesAsync())[1].ShouldBeLessThan(deadline);

        await mailbox.InfoAsync();

        await mailbox.ShouldHaveOneDeadlineAsync();
        (await mailbox.NumberAsync("deadline")).ShouldBe(deadline);
    }

    [Fact]
    public async Task A_bare_delivery_does_not_shorten_a_list_that_has_a_deadline()
    {
        var mailbox = fixture.Mailbox();
        await mailbox.StoreAsync("a");

        await mailbox.BareAsync("b", ttl: 1);

        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task A_bare_delivery_publishes_the_wake_that_nodes_subscribe_to()
    {
        var mailbox = fixture.Mailbox();
        await using var listener = await fixture.Engine.ConnectAsync();
        await listener.ExecuteAsync("SUBSCRIBE", (string)fixture.Keys.WakeOf(mailbox.Name)!);

        await mailbox.BareAsync("a");

        var wake = (object?[])(await listener.ReadAsync(TimeSpan.FromSeconds(10)))!;
        RedisCli.TextOf(wake[0]).ShouldBe("message");
    }

    /// <summary>But for an ack, which wakes only where it may have made room (<see cref="AckWakeTests"/>).</summary>
    [Fact]
    public async Task Every_way_of_storing_wakes()
    {
        var mailbox = fixture.Mailbox();
        await using var listener = await fixture.Engine.ConnectAsync();
        await listener.ExecuteAsync("SUBSCRIBE", mailbox.Wake);

        await mailbox.StoreAsync("a");
        await mailbox.FunctionAsync("b");
        var receiver = await mailbox.OpenAsync();
        await receiver.TakeAsync();
        await receiver.AckAsync();
        await mailbox.Store.DismissAsync(mailbox.Name, CancellationToken.None);
        await mailbox.Store.RemoveAsync(mailbox.Name, CancellationToken.None);

        for (var i = 0; i < 5; i++)
        {
            await listener.ReadAsync(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task A_message_whose_sender_died_before_its_wake_is_found_by_the_next_take()
    {
        var mailbox = fixture.Mailbox();
        var receiver = await mailbox.OpenAsync();

        await mailbox.Cli.ExecuteAsync("RPUSH", mailbox.List, "a");

        (await receiver.BodiesAsync()).ShouldBe(["a"]);
        await mailbox.ShouldHaveOneDeadlineAsync();
    }

    [Fact]
    public async Task What_exceeds_the_limit_is_dropped_oldest_first_and_announced()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        var receiver = await mailbox.OpenAsync();
        await mailbox.BareManyAsync("1", "2", "3", "4", "5", "6");

        var taken = await receiver.TakeAsync();

        taken.Gap.ShouldBe(new Gap(1, 2, GapReasons.Dropped));
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["3", "4", "5", "6"]);
        (await mailbox.LengthAsync()).ShouldBe(4);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task Far_more_than_the_limit_is_dropped_without_being_read()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        await mailbox.StoreManyAsync("a", "b");
        var receiver = await mailbox.OpenAsync();
        await receiver.BodiesAsync(most: 1);
        await mailbox.Cli.ExecuteAsync(["RPUSH", mailbox.List, .. Enumerable.Range(3, 100).Select(i => (object)$"{i}")]);

        var taken = await receiver.TakeAsync();

        taken.Gap.ShouldBe(new Gap(2, 98, GapReasons.Dropped));
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["99", "100", "101", "102"]);
        taken.Entries[0].Position.Sequence.ShouldBe(99);
        await mailbox.ShouldCountRightAsync();
    }

    [Fact]
    public async Task What_exceeds_the_limit_of_bytes_is_dropped_oldest_first_and_announced()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxBytes: 1000);
        await mailbox.BareManyAsync(new string('1', 400), new string('2', 400), new string('3', 400));

        var receiver = await mailbox.OpenAsync();

        receiver.Opened.Gap.ShouldBe(new Gap(1, 1, GapReasons.Dropped));
        (await receiver.BodiesAsync()).Select(body => body[0]).ShouldBe(['2', '3']);
    }

    [Fact]
    public async Task Before_a_flushed_message_is_missed_an_unread_one_is_not_dropped()
    {
        var mailbox = await fixture.Mailbox().WithLimitsAsync(maxMessages: 4);
        var receiver = await mailbox.OpenAsync(ack: AckMode.None);
        await mailbox.BareManyAsync("1", "2", "3", "4");
        await receiver.BodiesAsync();
        await receiver.BodiesAsync(); // all four are flushed
        await mailbox.BareManyAsync("5", "6", "7", "8");

        var taken = await receiver.TakeAsync();

        taken.Gap.ShouldBeNull();
        TestReceiver.BodiesOf(taken.Entries).ShouldBe(["5", "6", "7", "8"]);
    }

    [Fact]
    public async Task A_bare_body_of_any_bytes_comes_back_byte_for_byte()
    {
        var mailbox = fixture.Mailbox();
        byte[][] bodies = [[], [0], [0xff, 0xfe, 0, 10, 13], [.. Enumerable.Range(2, 254).Select(i => (byte)i)]];
        foreach (var body in bodies)
        {
            await mailbox.BareAsync(body);
        }

        var receiver = await mailbox.OpenAsync();
        var taken = await receiver.TakeAsync();

        taken.Entries.Select(entry => entry.Message!.Body.ToArray()).ShouldBe(bodies);
    }
}
