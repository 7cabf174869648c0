using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G3Order(Cluster cluster)
{
    private const int Senders = 6;
    private const int Each = 60;

    public static TheoryData<Way> EachWay { get; } = new(Ways.All);

    [Theory]
    [MemberData(nameof(EachWay))]
    public async Task What_each_of_many_senders_delivers_is_received_in_its_order(Way way)
    {
        var mailbox = Names.Fresh("g3-senders");
        await using var receiver = await cluster.B.OpenAsync(way, mailbox);
        var receiving = receiver.NextMessagesAsync(Senders * Each, Patience.Long * 2);

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(mailbox, sender)));

        AssertInOrder(await receiving);
    }

    [Fact]
    public async Task The_order_holds_for_a_receiver_that_keeps_changing_its_node_and_its_transport()
    {
        var mailbox = Names.Fresh("g3-moves");
        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(mailbox, sender)));
        var received = new List<ReceivedEvent>();
        string? cursor = null;
        for (var i = 0; received.Count < Senders * Each; i++)
        {
            var node = i % 2 == 0 ? cluster.A : cluster.B;
            await using var receiver = await node.OpenAsync(
                Ways.All[i % Ways.All.Length], mailbox, new ReceiverOptions { After = cursor, Ack = "client" });
            var count = Math.Min(17, (Senders * Each) - received.Count);
            received.AddRange(await receiver.NextMessagesAsync(count, Patience.Long));
            cursor = receiver.LastCursor;
        }

        await sending;
        AssertInOrder(received);
    }

    [Fact]
    public async Task Sequences_rise_and_what_is_missing_was_taken_away_on_purpose()
    {
        var mailbox = Names.Fresh("g3-sequence");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 2));
        var third = await cluster.A.DeliverAsync(mailbox, "m3");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(4, 5));
        (await cluster.B.DeleteAsync(third.Header("Location")!)).Status.ShouldBe(204);

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);
        var messages = await receiver.NextMessagesAsync(4, Patience.Long);

        messages.Select(message => SequenceOf(message.Id!)).ShouldBe([1, 2, 4, 5]);
    }

    private async Task SendAsync(string mailbox, int sender)
    {
        var node = sender % 2 == 0 ? cluster.A : cluster.B;
        await using var door = Sender.Create(Sender.Doors[sender % Sender.Doors.Count], node.BaseAddress, cluster.Redis);
        for (var i = 1; i <= Each; i++)
        {
            (await door.SendAsync(mailbox, $"{sender}:{i}")).IsAccepted.ShouldBeTrue();
        }
    }

    private static void AssertInOrder(IReadOnlyList<ReceivedEvent> messages)
    {
        foreach (var bySender in messages.Select(message => message.Text.Split(':')).GroupBy(parts => parts[0]))
        {
            bySender.Select(parts => int.Parse(parts[1], null)).ShouldBe(Enumerable.Range(1, Each));
        }

        var ids = messages.Where(message => message.Id is not null).Select(message => message.Id!).ToList();
        ids.Select(id => id.Split('-')[0]).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
        ids.Select(SequenceOf).ShouldBe(ids.Select(SequenceOf).Order());
    }

    private static long SequenceOf(string id) => long.Parse(id.Split('-')[1], null);
}
