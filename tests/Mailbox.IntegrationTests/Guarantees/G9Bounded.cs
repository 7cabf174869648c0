using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G9Bounded(Cluster cluster)
{
    [Fact]
    public async Task A_node_that_holds_as_many_streams_as_it_may_refuses_the_next_in_the_form_that_its_client_survives()
    {
        await using var node = await cluster.StartNodeAsync(("Mailbox:MaxConnections", "2"));
        await using var first = await node.OpenAsync(Way.Sse, Names.Fresh("g9-first"));
        var second = await node.OpenAsync(Way.WebSocket, Names.Fresh("g9-second"));
        await first.NextIsAsync(ControlEvents.Open);
        await second.NextIsAsync(ControlEvents.Open);

        foreach (var way in Ways.All)
        {
            await Refusals.AssertUnavailableAsync(node, way, "too-many");
        }

        (await node.DeliverAsync(Names.Fresh("g9-deliver"), "deliveries go on")).Status.ShouldBe(202);
        await second.DisposeAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var third = await node.OpenAsync(Way.Ndjson, Names.Fresh("g9-third"));
                return (await third.NextAsync(Patience.Long)).IsControl(ControlEvents.Open);
            },
            Patience.Long,
            "there is room again");
    }

    [Theory]
    [InlineData(Way.Sse)]
    [InlineData(Way.WebSocket)]
    [InlineData(Way.WebSocketOverHttp2)]
    [InlineData(Way.Ndjson)]
    public async Task A_reader_that_stops_reading_is_cut_off_while_others_go_on_and_its_messages_stay(Way way)
    {
        const int Count = 300;
        var (stuck, other) = (Names.Fresh("g9-stuck"), Names.Fresh("g9-other"));
        await cluster.A.PutAsync(stuck, """{"maxMessages":2000,"maxBytes":60000000}""");
        await using var node = await cluster.StartNodeAsync(("Mailbox:WriteDeadline", "00:00:04"));
        var reads = new ReceiverOptions { Ack = "client", Window = 1000 };
        await using var reader = await node.OpenAsync(way, stuck, reads with { ReadsAhead = false });
        await reader.NextIsAsync(ControlEvents.Open);
        await using var good = await node.OpenAsync(way, other);
        await good.NextIsAsync(ControlEvents.Open);

        // Far more than the connection's buffers hold.
        var body = new string('x', 65_000);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cluster.A.DeliverAllAsync(stuck, Enumerable.Repeat(body, Count / 10))));
        await Eventually.HoldsAsync(
            async () =>
            {
                await cluster.A.DeliverAllAsync(other, ["goes on"]);
                (await good.MessageAsync()).Text.ShouldBe("goes on");
                return !(await cluster.A.InfoOfAsync(stuck)).Connected;
            },
            Patience.Long,
            "the reader is cut off");

        (await cluster.A.InfoOfAsync(stuck)).Messages.ShouldBe(Count);
        await using var second = await cluster.B.OpenAsync(way, stuck, reads);
        (await second.NextMessagesAsync(Count, Patience.Long)).ShouldAllBe(message => message.Body.Length == body.Length);
        await cluster.A.DeleteAsync(MailboxRoutes.ForMailbox(stuck));
    }

    [Theory]
    [InlineData(65_536, 202)]
    [InlineData(65_537, 413)]
    public async Task A_body_may_have_64_KiB_and_no_byte_more(int size, int status)
    {
        var mailbox = Names.Fresh("g9-size");

        (await cluster.A.DeliverAsync(mailbox, new string('x', size))).Status.ShouldBe(status);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_until_its_client_has_drained_it()
    {
        var mailbox = Names.Fresh("g9-full");
        await cluster.A.PutAsync(mailbox, """{"maxMessages":3}""");
        await cluster.A.DeliverAllAsync(mailbox, Reading.Numbered(1, 3));

        var full = await cluster.B.DeliverAsync(mailbox, "m4", ("Idempotency-Key", "four"));
        full.Status.ShouldBe(507);
        full.Problem.ShouldBe("mailbox-full");

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        var messages = await receiver.NextMessagesAsync(3, Patience.Long);
        messages.Select(message => message.Text).ShouldBe(Reading.Numbered(1, 3));
        (await cluster.A.DeliverAsync(mailbox, "m4", ("Idempotency-Key", "four"))).Status.ShouldBe(507);
        await receiver.AckAsync(messages[0].Cursor!);

        var accepted = await cluster.A.DeliverAsync(mailbox, "m4", ("Idempotency-Key", "four"));
        accepted.Status.ShouldBe(201);
        accepted.Header(MailboxHeaders.IdempotentReplayed).ShouldBeNull();
        (await receiver.MessageAsync()).Text.ShouldBe("m4");
        (await cluster.A.DeliverAsync(mailbox, "m5")).Status.ShouldBe(507);
    }

    [Fact]
    public async Task The_bytes_of_a_mailbox_are_limited_too()
    {
        var mailbox = Names.Fresh("g9-bytes");
        await cluster.A.PutAsync(mailbox, """{"maxBytes":2000}""");

        (await cluster.A.DeliverAsync(mailbox, new string('x', 1500))).Status.ShouldBe(202);
        (await cluster.A.DeliverAsync(mailbox, new string('x', 1500))).Status.ShouldBe(507);
        (await cluster.A.DeliverAsync(mailbox, new string('x', 3000))).Status.ShouldBe(507);

        (await cluster.A.InfoOfAsync(mailbox)).Messages.ShouldBe(1);
    }

    [Fact]
    public async Task A_redis_that_is_full_refuses_deliveries_and_still_lets_clients_read_acknowledge_and_so_make_room()
    {
        await using var redis = await RedisServer.StartAsync(("appendonly", "yes"), ("maxmemory", "8mb"));
        await using var node = await redis.StartNodeAsync();
        var mailbox = Names.Fresh("g9-oom");
        var body = new string('x', 50_000);
        Answer answer;
        var stored = 0;
        do
        {
            answer = await node.DeliverAsync($"{mailbox}-{stored++ / 50}", body);
        }
        while (answer.Status == 202);
        answer.Status.ShouldBe(507);
        answer.Problem.ShouldBe("store-full");

        // Who opens a mailbox that is not there is told to come again, as it will pass.
        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1mb");
        await using (var refused = await node.OpenAsync(Way.Sse, $"{mailbox}-new"))
        {
            var told = await refused.ControlAsync(ControlEvents.Unavailable);
            (told.Json!.Value.GetProperty("status").GetInt32(), told.Json!.Value.GetProperty("reason").GetString()).ShouldBe((507, "store-full"));
        }

        await redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "8mb");

        await using var receiver = await node.OpenAsync(Way.Ndjson, $"{mailbox}-0", new ReceiverOptions { Ack = "client" });
        var messages = await receiver.NextMessagesAsync(50, Patience.Long);
        await receiver.AckAsync(messages[^1].Cursor!);

        await Eventually.HoldsAsync(
            async () => (await node.DeliverAsync($"{mailbox}-0", body)).Status == 201, Patience.Long, "there is room again");
        (await receiver.MessageAsync()).Text.ShouldBe(body);
    }
}
