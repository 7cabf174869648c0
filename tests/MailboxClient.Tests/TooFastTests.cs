using Mailbox.Client;
using Mailbox.Contracts;

namespace Mailbox.ClientTests;

/// <summary>A server that says that the client is too fast is asked again, when it said.</summary>
public sealed class TooFastTests
{
    [Fact]
    public async Task A_delivery_is_made_when_the_server_said()
    {
        var clock = new HurriedClock();
        var calls = 0;
        using var server = new FakeServer(_ => ++calls < 3 ? TooFast("7") : FakeServer.Json(FakeServer.Stored, 201));
        using var client = server.NewClient(options =>
        {
            options.TimeProvider = clock;
            options.AttemptTimeout = TimeSpan.FromHours(10);
        });
        (await client.SendAsync("a", "x", cancellationToken: Loops.Deadline)).Queued.ShouldBeTrue();
        calls.ShouldBe(3);
        clock.Asked.Count(pause => pause == TimeSpan.FromSeconds(7)).ShouldBe(2);
    }

    [Fact]
    public async Task A_delivery_that_stays_refused_says_why()
    {
        using var server = new FakeServer(_ => TooFast("7"));
        using var client = server.NewClient(options => options.SendRetryTime = TimeSpan.FromSeconds(1));
        var refused = await Should.ThrowAsync<MailboxException>(() => client.SendAsync("a", "x", cancellationToken: Loops.Deadline));
        (refused.Status, refused.ProblemType, refused.IsTransient).ShouldBe((429, ProblemTypes.TooManyRequests, true));
        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(MailboxTransport.ServerSentEvents)]
    [InlineData(MailboxTransport.LongPoll)]
    public async Task A_receiver_comes_back(MailboxTransport transport)
    {
        var opens = 0;
        using var server = new FakeServer(request =>
            FakeServer.IsAck(request) ? FakeServer.Status(204)
            : ++opens > 1 ? transport == MailboxTransport.LongPoll
                ? FakeServer.Json($$"""{"cursor":"g-1","opened":"g-0","messages":[{{FakeServer.Message("g-1")}}]}""")
                : FakeServer.Events(FakeServer.Open("g-0"), FakeServer.Message("g-1"))
            : transport == MailboxTransport.LongPoll ? TooFast("1")
            : FakeServer.Events("""{"control":"unavailable","status":429,"reason":"too-many-requests"}"""));
        using var client = server.NewClient();
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Transport = transport });
        (await receiver.TakeAsync(1)).Count.ShouldBe(1);
        opens.ShouldBeGreaterThan(1);
    }

    private static HttpResponseMessage TooFast(string retryAfter)
    {
        var refusal = FakeServer.Problem(429, ProblemTypes.TooManyRequests);
        refusal.Headers.Add("Retry-After", retryAfter);
        return refusal;
    }
}
