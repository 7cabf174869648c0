using System.Collections.Concurrent;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Guarantees;

public class G1AcceptedMeansStored(Cluster cluster)
{
    [Fact]
    public async Task What_was_accepted_is_there_when_the_node_is_killed_right_after_its_answer()
    {
        var mailbox = Names.Fresh("g1-kill");
        await using var node = await cluster.StartNodeAsync();
        for (var i = 1; i <= 3; i++)
        {
            (await node.DeliverAsync(mailbox, $"m{i}")).Status.ShouldBe(202);
        }

        await node.KillAsync();

        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        (await receiver.TextsAsync(3)).ShouldBe(["m1", "m2", "m3"]);
    }

    [Fact]
    public async Task Of_many_senders_on_a_node_that_is_killed_nobody_loses_what_was_accepted()
    {
        var mailbox = Names.Fresh("g1-crowd");
        await using var node = await cluster.StartNodeAsync();
        var attempted = new ConcurrentBag<string>();
        var accepted = new ConcurrentBag<string>();
        var senders = Enumerable.Range(1, 8).Select(sender => Task.Run(() => SendUntilKilledAsync(sender))).ToList();
        await Eventually.HoldsAsync(() => accepted.Count > 100, Patience.Long, "100 messages are accepted");
        await node.KillAsync();
        await Task.WhenAll(senders);

        var last = await cluster.A.DeliverAsync(mailbox, "the end");
        last.Status.ShouldBe(202);
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox);
        var received = new List<string>();
        while (!received.Contains("the end"))
        {
            received.Add((await receiver.MessageAsync()).Text);
        }

        received.Remove("the end");
        received.ShouldBeUnique();
        accepted.Except(received).ShouldBeEmpty();
        received.Except(attempted).ShouldBeEmpty();

        async Task SendUntilKilledAsync(int sender)
        {
            try
            {
                for (var i = 1; i <= 100; i++)
                {
                    var body = $"{sender}-{i}";
                    attempted.Add(body);
                    if ((await node.DeliverAsync(mailbox, body)).Status is 201 or 202)
                    {
                        accepted.Add(body);
                    }
                }
            }
            catch (HttpRequestException)
            {
                // Killed: whether that one was stored is unknown.
            }
        }
    }

    [Theory]
    [InlineData(TransportDoor.Rest, TransportDoor.Rest)]
    [InlineData(TransportDoor.Rest, TransportDoor.Function)]
    [InlineData(TransportDoor.Function, TransportDoor.Rest)]
    public async Task A_retry_with_the_same_idempotency_key_on_another_node_delivers_once(TransportDoor first, TransportDoor second)
    {
        var mailbox = Names.Fresh("g1-retry");
        var options = new SendOptions { IdempotencyKey = "order-17" };
        await using var one = Sender.Create(first, cluster.A.BaseAddress, cluster.Redis);
        await using var other = Sender.Create(second, cluster.B.BaseAddress, cluster.Redis);

        var sent = await one.SendAsync(mailbox, "once", options);
        var again = await other.SendAsync(mailbox, "once", options);
        var different = await other.SendAsync(mailbox, "something else", options);

        again.IsAccepted.ShouldBeTrue();
        again.Id.ShouldBe(sent.Id);
        again.Headers.GetValueOrDefault(MailboxHeaders.IdempotentReplayed).ShouldBe("true");
        sent.Headers.Keys.ShouldNotContain(MailboxHeaders.IdempotentReplayed);
        different.Status.ShouldBe(422);
        await using var receiver = await cluster.B.OpenAsync(Way.WebSocket, mailbox);
        (await receiver.TextsAsync(1)).ShouldBe(["once"]);
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task A_retry_after_the_message_was_acknowledged_does_not_deliver_it_again()
    {
        var mailbox = Names.Fresh("g1-acked");
        await cluster.A.DeliverAsync(mailbox, "once", ("Idempotency-Key", "\"k\""));
        await using var receiver = await cluster.B.OpenAsync(Way.Ndjson, mailbox, new ReceiverOptions { Ack = "client" });
        await receiver.AckAsync((await receiver.MessageAsync()).Cursor!);

        var again = await cluster.B.DeliverAsync(mailbox, "once", ("Idempotency-Key", "k"));

        again.Status.ShouldBe(201);
        again.Header(MailboxHeaders.IdempotentReplayed).ShouldBe("true");
        await receiver.SilenceAsync();
    }

    [Fact]
    public async Task An_answer_says_where_the_message_is_and_what_it_is()
    {
        var mailbox = Names.Fresh("g1-answer");

        var answer = await cluster.A.DeliverAsync(mailbox, "<b>", ("Content-Type", "text/html"), ("Mailbox-Type", "note"));

        answer.Status.ShouldBe(202);
        answer.Json.GetProperty("mailbox").GetString().ShouldBe(mailbox);
        answer.Json.GetProperty("queued").GetBoolean().ShouldBeTrue();
        answer.Json.GetProperty("connected").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("expires").GetDateTimeOffset()
            .ShouldBe(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMinutes(5));
        var message = await cluster.B.GetAsync(answer.Header("Location")!);
        message.Status.ShouldBe(200);
        message.Text.ShouldBe("<b>");
        message.Header("Content-Type").ShouldBe("text/html");
        message.Header("Mailbox-Type").ShouldBe("note");
        message.Header("X-Content-Type-Options").ShouldBe("nosniff");
    }
}
