using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

[Collection(Alone.Name)]
public class Presence(Cluster cluster)
{
    public static TheoryData<Way> EachStream { get; } = new(Ways.Streams);

    [Theory]
    [MemberData(nameof(EachStream))]
    public async Task A_delivery_is_answered_201_while_a_receiver_is_there_and_202_when_not(Way way)
    {
        var mailbox = Names.Fresh("presence");
        await AnswersAsync(202, isConnected: false);
        await using (var receiver = await cluster.B.OpenAsync(way, mailbox))
        {
            await receiver.NextIsAsync(ControlEvents.Open);
            await AnswersAsync(201, isConnected: true);
        }

        await Eventually.HoldsAsync(
            async () => !(await cluster.B.InfoOfAsync(mailbox)).Connected, Patience.Long, "its leaving is noticed");
        await AnswersAsync(202, isConnected: false);

        async Task AnswersAsync(int status, bool isConnected)
        {
            var answer = await cluster.A.DeliverAsync(mailbox, "m");
            answer.Status.ShouldBe(status);
            answer.Json.GetProperty("queued").GetBoolean().ShouldBeTrue();
            answer.Json.GetProperty("connected").GetBoolean().ShouldBe(isConnected);
        }
    }

    [Fact]
    public async Task The_lease_is_renewed_while_the_stream_lives_and_runs_out_when_its_node_is_killed()
    {
        var mailbox = Names.Fresh("lease");
        await using var node = await cluster.StartNodeAsync(("Mailbox:Heartbeat", "00:00:02"), ("Mailbox:Sweep", "00:00:01"));
        await using var receiver = await node.OpenAsync(Way.Sse, mailbox);
        await receiver.NextIsAsync(ControlEvents.Open);

        await Task.Delay(TimeSpan.FromSeconds(13)); // two leases
        (await cluster.A.DeliverAsync(mailbox, "m1")).Status.ShouldBe(201);
        await node.KillAsync();

        await Eventually.HoldsAsync(
            async () => (await cluster.A.DeliverAsync(mailbox, "m")).Status == 202, Patience.Long, "the lease runs out");
    }

    [Fact]
    public async Task A_mailbox_lives_as_long_as_its_receiver_is_there_and_its_own_time_after_that()
    {
        var mailbox = Names.Fresh("life");
        await using var node = await cluster.StartNodeAsync(("Mailbox:Heartbeat", "00:00:00.5"), ("Mailbox:Sweep", "00:00:00.4"));
        await node.PutAsync(mailbox, """{"timeToLive":8}""");
        await using (var receiver = await node.OpenAsync(Way.Ndjson, mailbox))
        {
            await receiver.NextIsAsync(ControlEvents.Open);
            await Task.Delay(TimeSpan.FromSeconds(11));
            await cluster.A.DeliverAsync(mailbox, "still there");
            (await receiver.MessageAsync()).Text.ShouldBe("still there");
        }

        await Eventually.HoldsAsync(
            async () => (await cluster.A.GetAsync(MailboxRoutes.ForInfo(mailbox))).Status == 404, TimeSpan.FromSeconds(40), "it is gone");
        foreach (var key in new[] { Keys.HashOf(mailbox), Keys.ListOf(mailbox), Keys.IndexOf(mailbox) })
        {
            (await cluster.RedisAsync("EXISTS", key)).ShouldBe(0L);
        }
    }

    [Fact]
    public async Task Deliveries_do_not_keep_a_mailbox_alive_that_nobody_opens()
    {
        var mailbox = Names.Fresh("unopened");
        await cluster.A.PutAsync(mailbox, """{"timeToLive":100}""");
        var first = await cluster.A.DeliverAsync(mailbox, "m1");
        await Task.Delay(50);
        await using (var bare = cluster.SenderOf(TransportDoor.BareRedis))
        {
            await bare.SendAsync(mailbox, "m2");
        }

        var third = await cluster.A.DeliverAsync(mailbox, "m3");

        third.Json.GetProperty("expires").GetDateTimeOffset().ShouldBe(first.Json.GetProperty("expires").GetDateTimeOffset());
        var deadlines = new List<object?>();
        foreach (var key in new[] { Keys.HashOf(mailbox), Keys.ListOf(mailbox) })
        {
            deadlines.Add(await cluster.RedisAsync("PEXPIRETIME", key));
        }

        deadlines.Distinct().Count().ShouldBe(1);
    }
}
