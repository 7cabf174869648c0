using System.Collections.Concurrent;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Connections of several mailboxes that end, on nodes of a test's own.</summary>
[Collection(Alone.Name)]
public sealed class ListReconnectTests : IAsyncLifetime
{
    private static readonly MailboxNodeOptions Quick = new()
    {
        Settings = new Dictionary<string, string>
        {
            ["Mailbox:Heartbeat"] = "00:00:00.5",
            ["Mailbox:Sweep"] = "00:00:01",
            ["Mailbox:WriteDeadline"] = "00:00:01.5",
            ["Mailbox:DrainWindow"] = "00:00:00.2",
        },
    };

    private RedisServer _redis = null!;
    private MailboxNode _one = null!;
    private MailboxNode _two = null!;
    private MailboxClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        _one = await MailboxNode.StartAsync(_redis, Quick);
        _two = await MailboxNode.StartAsync(_redis, Quick);
        _client = new MailboxClient(Options(_one.BaseAddress, _two.BaseAddress));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _two.DisposeAsync();
        await _one.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Of_fifty_mailboxes_all_comes_once_and_in_order_while_the_connection_is_cut_five_times()
    {
        const int Each = 40;
        var mailboxes = ListLoops.Fresh(50, "cut");
        using var cutter = new CutHandler();
        using var http = new HttpClient(cutter.Handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new MailboxClient(http, Options(_one.BaseAddress, _two.BaseAddress));
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= Each; i++)
            {
                var results = await _client.SendAsync(
                    mailboxes, System.Text.Encoding.UTF8.GetBytes($"m{i}"), new SendOptions { ContentType = "text/plain" }, Loops.LongDeadline);
                results.ShouldAllBe(result => result.Status < 300);
            }
        });
        await using var receiver = client.ReceiveAsync(mailboxes, new ListReceiverOptions { Ack = AckMode.Manual });
        var states = new ConcurrentQueue<ReceiverState>();
        receiver.StateChanged += states.Enqueue;
        receiver.GapTold += gap => throw new InvalidOperationException($"{gap}");
        receiver.ResetTold += reset => throw new InvalidOperationException($"{reset}");
        var held = new Queue<MailboxMessage>();
        var taken = new List<(string Mailbox, string Text)>();
        await foreach (var message in receiver.WithCancellation(Loops.LongDeadline))
        {
            taken.Add((message.Mailbox, message.Text));
            held.Enqueue(message);
            if (held.Count > 120)
            {
                await held.Dequeue().AckAsync(Loops.Deadline); // so that at every cut some are in flight
            }

            if (taken.Count is 300 or 600 or 900 or 1200 or 1500)
            {
                await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.LongPatience, "all are open");
                cutter.Cut();
                await Eventually.HoldsAsync(() => receiver.State != ReceiverState.Connected, Loops.LongPatience, "the cut is noticed");
            }

            if (taken.Count == 50 * Each)
            {
                foreach (var one in held)
                {
                    await one.AckAsync(Loops.Deadline);
                }

                await receiver.FlushAsync(Loops.LongDeadline);
                break;
            }
        }

        await sending;
        foreach (var mailbox in mailboxes)
        {
            taken.TextsOf(mailbox).ShouldBe(Loops.Texts(1, Each));
        }

        states.Count(state => state == ReceiverState.Reconnecting).ShouldBeGreaterThanOrEqualTo(5);
        (states.First(), states.Last()).ShouldBe((ReceiverState.Connecting, ReceiverState.Closed));

        // Nothing is left of what was acknowledged.
        await _client.SendAsync(mailboxes, "end"u8.ToArray(), cancellationToken: Loops.Deadline);
        (await receiver.TakeAsync(50, Loops.LongDeadline)).ShouldBe(mailboxes.Select(mailbox => (mailbox, "end")), ignoreOrder: true);
    }

    [Fact]
    public async Task Nodes_that_are_killed_drained_and_frozen_cost_no_message_and_no_duplicate()
    {
        var mailboxes = ListLoops.Fresh(3, "nodes");
        await using var receiver = _client.ReceiveAsync(mailboxes, new ListReceiverOptions { Ack = AckMode.Manual });
        var held = new Queue<MailboxMessage>();
        var taken = new List<(string Mailbox, string Text)>();
        var sending = Task.Run(async () =>
        {
            await SendAsync(1, 10);
            await Eventually.HoldsAsync(() => receiver.State == ReceiverState.Connected, Loops.LongPatience, "the receiver is connected");
            await _one.KillAsync();
            await SendAsync(11, 20);
            _one = await MailboxNode.StartAsync(_redis, Quick with { Port = _one.BaseAddress.Port });
            _two.Terminate();
            await SendAsync(21, 30);
            await _two.WaitForExitAsync(Loops.LongPatience);
            _two = await MailboxNode.StartAsync(_redis, Quick with { Port = _two.BaseAddress.Port });
            _one.Freeze();
            await SendAsync(31, 40);
            _one.Thaw();
            await Task.WhenAll(_one.KillAsync(), _two.KillAsync());
            await Eventually.HoldsAsync(
                () => receiver.State == ReceiverState.Reconnecting, Loops.LongPatience, "the receiver misses its node");
            _one = await MailboxNode.StartAsync(_redis, Quick with { Port = _one.BaseAddress.Port });
            _two = await MailboxNode.StartAsync(_redis, Quick with { Port = _two.BaseAddress.Port });
            await SendAsync(41, 50);
        });
        await foreach (var message in receiver.WithCancellation(Loops.LongDeadline))
        {
            taken.Add((message.Mailbox, message.Text));
            held.Enqueue(message);
            if (held.Count > 15)
            {
                await held.Dequeue().AckAsync(Loops.Deadline);
            }

            if (taken.Count == 150)
            {
                break;
            }
        }

        await sending;
        foreach (var mailbox in mailboxes)
        {
            taken.TextsOf(mailbox).ShouldBe(Loops.Texts(1, 50));
        }

        async Task SendAsync(int from, int to)
        {
            foreach (var mailbox in mailboxes)
            {
                await _client.SendAsync(mailbox, from, to);
            }
        }
    }

    [Fact]
    public async Task While_Redis_is_away_the_loop_waits()
    {
        var mailboxes = ListLoops.Fresh(3, "away");
        await _client.SendAsync(mailboxes[0], 1, 1);
        await using var receiver = _client.ReceiveAsync(mailboxes);
        (await receiver.TakeAsync(1)).ShouldBe([(mailboxes[0], "m1")]);
        _redis.Freeze();
        var taking = receiver.TakeAsync(2, Loops.LongDeadline); // opens while it is away: each is refused for now
        await Task.Delay(TimeSpan.FromSeconds(3));
        taking.IsCompleted.ShouldBeFalse();
        _redis.Thaw();
        await _client.SendAsync(mailboxes[1], 2, 2);
        (await taking).ShouldBe([(mailboxes[0], "m1"), (mailboxes[1], "m2")], ignoreOrder: true);
    }

    [Fact]
    public async Task Mailboxes_that_are_opened_too_fast_are_opened_later_and_the_others_go_on()
    {
        await using var slow = await MailboxNode.StartAsync(_redis, new()
        {
            Settings = new Dictionary<string, string> { ["Mailbox:Limits:OpensPerSecond"] = "5", ["Mailbox:Limits:OpenBurst"] = "3" },
        });
        using var client = new MailboxClient(slow.BaseAddress.ToString()); // a busy machine is no silence
        var mailboxes = ListLoops.Fresh(12, "fast");
        await _client.SendAsync(mailboxes, "m1"u8.ToArray(), cancellationToken: Loops.Deadline);
        await using var receiver = client.ReceiveAsync(mailboxes);
        var reconnects = 0;
        receiver.StateChanged += state => reconnects += state == ReceiverState.Reconnecting ? 1 : 0;
        (await receiver.TakeAsync(12, Loops.LongDeadline)).Select(one => one.Mailbox).ShouldBe(mailboxes, ignoreOrder: true);
        reconnects.ShouldBe(0);
    }

    [Fact]
    public async Task A_time_to_come_back_in_ends_with_the_last_error()
    {
        var options = Options(new Uri($"http://127.0.0.1:{FreePorts.Take()}"));
        options.ReconnectTime = TimeSpan.FromSeconds(1);
        using var client = new MailboxClient(options);
        await using var receiver = client.ReceiveAsync(ListLoops.Fresh(2, "none"));
        var exception = await Should.ThrowAsync<MailboxException>(() => receiver.TakeAsync(1));
        exception.Status.ShouldBe(0);
        receiver.State.ShouldBe(ReceiverState.Closed);
    }

    private static MailboxClientOptions Options(params Uri[] addresses)
    {
        var options = new MailboxClientOptions
        {
            IdleTimeout = TimeSpan.FromSeconds(2),
            AttemptTimeout = TimeSpan.FromSeconds(2),
            RetryDelay = TimeSpan.FromMilliseconds(100),
        };
        foreach (var address in addresses)
        {
            options.BaseAddresses.Add(address);
        }

        return options;
    }
}
