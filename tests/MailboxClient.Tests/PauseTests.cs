using Mailbox.Client;
using Mailbox.Contracts;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>How long the client waits before it asks a server again that answers, and is of no use.</summary>
public sealed class PauseTests
{
    /// <summary>Told apart from pauses, which are shorter.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(10);

    [Theory]
    [InlineData(MailboxTransport.ServerSentEvents)]
    [InlineData(MailboxTransport.LongPoll)]
    public async Task A_server_that_answers_every_open_with_a_reset_is_asked_at_growing_pauses(MailboxTransport transport)
    {
        var clock = new HurriedClock();
        var opens = 0;
        using var server = new FakeServer(request =>
        {
            var reset = FakeServer.Reset($"g-{++opens}", ResetReasons.Lost);
            return FakeServer.IsAck(request) ? FakeServer.Status(204)
                : transport == MailboxTransport.LongPoll ? FakeServer.Json($$"""{"cursor":"g-{{opens}}","opened":"g-0","messages":[],"control":[{{reset}}]}""")
                : FakeServer.Events(FakeServer.Open($"g-{opens}"), reset);
        });
        using var client = NewClient(server, clock);
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Transport = transport });
        var resets = 0;
        await foreach (var next in receiver.Events.WithCancellation(Loops.Deadline))
        {
            next.ShouldBeOfType<MailboxReset>();
            if (++resets == 16)
            {
                break;
            }
        }

        // Doubled from half a second, less by a half at most: the seventh is at least 16 s.
        Pauses(clock).Count(pause => pause >= TimeSpan.FromSeconds(8)).ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("0", 0.25)]
    [InlineData("7", 7)]
    [InlineData("1000000", 300)]
    public async Task A_told_pause_is_kept_but_for_none_and_for_days(string told, double seconds)
    {
        var clock = new HurriedClock();
        var opens = 0;
        using var server = new FakeServer(_ =>
        {
            if (++opens > 1)
            {
                return FakeServer.Events(FakeServer.Open("g-0"), FakeServer.Message("g-1"));
            }

            var busy = FakeServer.Status(503);
            busy.Headers.Add("Retry-After", told);
            return busy;
        });
        using var client = NewClient(server, clock);
        await using var receiver = client.ReceiveAsync("a", new ReceiverOptions { Ack = AckMode.Manual });
        (await receiver.TakeAsync(1)).ShouldBe(["g-1"]);
        Pauses(clock).First().ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    private static MailboxClient NewClient(FakeServer server, HurriedClock clock) => server.NewClient(o =>
    {
        o.TimeProvider = clock;
        o.AttemptTimeout = Deadline;
        o.IdleTimeout = Deadline;
        o.RetryDelay = TimeSpan.FromSeconds(0.5);
    });

    private static IEnumerable<TimeSpan> Pauses(HurriedClock clock) =>
        clock.Asked.Where(pause => pause >= TimeSpan.FromMilliseconds(100) && pause < Deadline);
}
