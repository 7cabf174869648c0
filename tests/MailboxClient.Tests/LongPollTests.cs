using System.Collections.Concurrent;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>What one poll presents after the other.</summary>
public sealed class LongPollTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("now")]
    public async Task Polls_present_a_place_from_the_second_on_and_acknowledge_nothing_that_is_in_flight(string? after)
    {
        var places = new ConcurrentQueue<string?>();
        using var server = new FakeServer(request =>
        {
            if (FakeServer.IsAck(request))
            {
                return FakeServer.Status(204);
            }

            places.Enqueue(FakeServer.After(request));
            return places.Count == 1
                ? FakeServer.Json($$"""{"cursor":"g-1","opened":"g-0","messages":[{{FakeServer.Message("g-1")}}]}""")
                : FakeServer.Json($$"""{"cursor":"g-2","opened":"g-0","messages":[{{FakeServer.Message("g-1")}},{{FakeServer.Message("g-2")}}]}""");
        });
        using var client = server.NewClient();
        var options = new ReceiverOptions { Transport = MailboxTransport.LongPoll, Ack = AckMode.Manual, After = after };
        await using var receiver = client.ReceiveAsync("a", options);
        (await receiver.TakeAsync(2)).ShouldBe(["g-1", "g-2"]);
        places.Take(2).ShouldBe([after, "g-0"]);
        receiver.Cursor.ShouldBe("g-0");
    }

    [Fact]
    public async Task A_poll_that_is_refused_for_another_receiver_ends_the_loop()
    {
        var polls = 0;
        using var server = new FakeServer(request => ++polls == 1
            ? FakeServer.Json($$"""{"cursor":"g-1","opened":"g-0","messages":[{{FakeServer.Message("g-1")}}]}""")
            : FakeServer.Problem(409, Contracts.ProblemTypes.NotReceiver));
        using var client = server.NewClient();
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Transport = MailboxTransport.LongPoll, Ack = AckMode.Manual });
        await Should.ThrowAsync<MailboxReplacedException>(() => receiver.TakeAsync(2));
    }
}
