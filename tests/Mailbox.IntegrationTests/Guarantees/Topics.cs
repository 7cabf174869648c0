using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class Topics(Cluster cluster)
{
    private static readonly SendOptions Weather = new() { Topic = "weather" };

    [Theory]
    [InlineData(TransportDoor.Rest)]
    [InlineData(TransportDoor.Function)]
    public async Task A_newer_message_replaces_an_unsent_older_one_of_its_topic(TransportDoor door)
    {
        var mailbox = Names.Fresh("topic");
        await using var sender = cluster.SenderOf(door);
        await sender.SendAsync(mailbox, "rain", Weather);
        await sender.SendAsync(mailbox, "news", new SendOptions { Topic = "news" });
        await sender.SendAsync(mailbox, "m");
        await sender.SendAsync(mailbox, "sun", Weather);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(3);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(3)).ShouldBe(["news", "m", "sun"]);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task What_a_receiver_was_sent_is_not_replaced()
    {
        var mailbox = Names.Fresh("topic-sent");
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await cluster.A.DeliverAsync(mailbox, "rain", ("Topic", "weather"));
        (await receiver.MessageAsync()).Text.ShouldBe("rain");

        await cluster.A.DeliverAsync(mailbox, "sun", ("Topic", "weather"));

        (await receiver.MessageAsync()).Text.ShouldBe("sun");
        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(2);
    }

    [Fact]
    public async Task A_thousand_messages_of_one_topic_to_an_absent_client_are_one()
    {
        var mailbox = Names.Fresh("topic-thousand");
        for (var i = 0; i < 20; i++)
        {
            var lines = Enumerable.Range(1, 75).Select(j => $$"""{"to":["{{mailbox}}"],"data":"{{i}}-{{j}}","topic":"t"}""");
            (await cluster.A.DeliverManyAsync(string.Join('\n', lines), "application/x-ndjson")).Status.ShouldBe(200);
        }

        (await cluster.A.DeliverAsync(mailbox, "the last", ("Topic", "t"))).Status.ShouldBe(202);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
        await using var receiver = await cluster.B.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        (await receiver.TextsAsync(1)).ShouldBe(["the last"]);
        await receiver.SilenceAsync();
    }
}
