using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>A sender whose server is away, or that cannot go on: nobody waits for ever.</summary>
public sealed class SenderEndTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_takes_about_as_long_as_one_message_is_tried(bool isInPairs)
    {
        using var server = new FakeServer(_ => throw new HttpRequestException("Away."));
        using var client = server.NewClient(o => (o.SendRetryTime, o.AttemptTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        var sender = client.CreateSender();
        var sending = Enumerable.Range(0, 200).Select(i => sender.SendAsync(isInPairs ? $"a{i % 2}" : "a", "x")).ToList();
        await sender.DisposeAsync().AsTask().WaitAsync(Loops.Patience);
        foreach (var one in sending)
        {
            (await Should.ThrowAsync<MailboxException>(() => one)).IsTransient.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_message_that_is_accepted_after_a_failure_is_tried()
    {
        var isAway = true;
        using var server = new FakeServer(_ => isAway ? throw new HttpRequestException("Away.") : FakeServer.Json(FakeServer.Stored, 201));
        using var client = server.NewClient(o => o.SendRetryTime = TimeSpan.Zero);
        await using var sender = client.CreateSender(new MailboxSenderOptions { BatchDelay = TimeSpan.Zero });
        await Should.ThrowAsync<MailboxException>(() => sender.SendAsync("a", "x", cancellationToken: Loops.Deadline));
        isAway = false;
        (await sender.SendAsync("a", "x", cancellationToken: Loops.Deadline)).Queued.ShouldBeTrue();
    }

    [Fact]
    public async Task What_keeps_the_sender_from_gathering_is_told_to_those_who_wait()
    {
        using var server = new FakeServer(_ => FakeServer.Json(FakeServer.Stored, 201));
        var clock = new BrokenClock();
        using var client = server.NewClient(o => o.TimeProvider = clock);
        await using var sender = client.CreateSender(new MailboxSenderOptions { BatchDelay = BrokenClock.Time });
        await Should.ThrowAsync<NotSupportedException>(() => sender.SendAsync("a", "x", cancellationToken: Loops.Deadline));
        clock.IsWell = true;
        (await sender.SendAsync("a", "x", cancellationToken: Loops.Deadline)).Queued.ShouldBeTrue();
    }

    [Fact]
    public void A_batch_waits_a_minute_at_most()
    {
        using var server = new FakeServer(_ => FakeServer.Status(500));
        using var client = server.NewClient();
        Should.Throw<ArgumentOutOfRangeException>(() => client.CreateSender(new MailboxSenderOptions { BatchDelay = TimeSpan.FromMinutes(2) }));
    }

    private sealed class BrokenClock : TimeProvider
    {
        public static readonly TimeSpan Time = TimeSpan.FromMilliseconds(7);

        public bool IsWell { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            IsWell || dueTime != Time ? base.CreateTimer(callback, state, dueTime, period) : throw new NotSupportedException("No timer.");
    }
}
