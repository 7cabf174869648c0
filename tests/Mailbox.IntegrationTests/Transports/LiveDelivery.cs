using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Transports;

public class LiveDelivery(Cluster cluster)
{
    public static MatrixTheoryData<Way, TransportDoor> WaysAndDoors { get; } = new(Ways.All, Sender.Doors);

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task A_message_delivered_on_one_node_reaches_a_client_on_another(Way way, TransportDoor door)
    {
        var mailbox = Names.Fresh("live");
        await using var sender = cluster.SenderOf(door);
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        for (var i = 1; i <= 3; i++)
        {
            var arriving = receiver.MessageAsync();
            await cluster.WaitForOpensAsync(mailbox, way == Way.LongPoll ? i + 1 : 1); // its open, and a poll for each message

            var sent = await sender.SendAsync(mailbox, $"hello {i}");

            sent.Status.ShouldBe(201);
            var message = await arriving;
            message.Text.ShouldBe($"hello {i}");
            message.Cursor.ShouldNotBeNull();
            if (sent.Id is not null && way != Way.Sse)
            {
                message.Id.ShouldBe(sent.Id);
            }
        }
    }

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task Messages_that_came_while_the_client_was_away_come_when_it_returns_in_order(Way way, TransportDoor door)
    {
        var mailbox = Names.Fresh("away");
        await using var sender = cluster.SenderOf(door);
        foreach (var text in Reading.Numbered(1, 25))
        {
            (await sender.SendAsync(mailbox, text)).Status.ShouldBe(202);
        }

        await using var receiver = await cluster.B.OpenAsync(way, mailbox);

        (await receiver.TextsAsync(25)).ShouldBe(Reading.Numbered(1, 25));
        await receiver.SilenceAsync();
    }

    [Theory]
    [InlineData(Way.Sse)]
    [InlineData(Way.Ndjson)]
    [InlineData(Way.LongPoll)]
    public async Task Every_http_transport_works_over_http_2_too(Way way)
    {
        var mailbox = Names.Fresh("http2");
        var transport = Enum.Parse<TransportKind>(way.ToString());
        await using var receiver = await Receivers.OpenAsync(
            transport, cluster.B.Http2Address!, mailbox, new ReceiverOptions { HttpVersion = new Version(2, 0) });
        await receiver.NextIsAsync(ControlEvents.Open);
        var arriving = receiver.MessageAsync();
        await cluster.WaitForListenerAsync(mailbox);

        await cluster.A.DeliverAsync(mailbox, "over http/2");

        (await arriving).Text.ShouldBe("over http/2");
    }

    [Theory]
    [MemberData(nameof(WaysAndDoors))]
    public async Task Five_hundred_messages_at_once_arrive_in_order(Way way, TransportDoor door)
    {
        var mailbox = Names.Fresh("batch");
        await using var sender = cluster.SenderOf(door);
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        var arriving = receiver.TextsAsync(500);

        foreach (var text in Reading.Numbered(1, 500))
        {
            (await sender.SendAsync(mailbox, text)).IsAccepted.ShouldBeTrue();
        }

        (await arriving).ShouldBe(Reading.Numbered(1, 500));
    }
}
