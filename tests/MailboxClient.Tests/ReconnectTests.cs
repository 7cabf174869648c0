using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Connections that end, on nodes of a test's own.</summary>
[Collection(Alone.Name)]
public sealed class ReconnectTests : IAsyncLifetime
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

    private readonly string _mailbox = Names.Fresh("back");
    private RedisServer _redis = null!;
    private MailboxNode _one = null!;
    private MailboxNode _two = null!;
    private MailboxClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(("appendonly", "yes"), ("appendfsync", "always"));
        _one = await MailboxNode.StartAsync(_redis, Quick);
        _two = await MailboxNode.StartAsync(_redis, Quick);
        _client = new MailboxClient(new MailboxClientOptions
        {
            BaseAddresses = { _one.BaseAddress, _two.BaseAddress },
            IdleTimeout = TimeSpan.FromSeconds(2),
            AttemptTimeout = TimeSpan.FromSeconds(2),
            RetryDelay = TimeSpan.FromMilliseconds(100),
        });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _two.DisposeAsync();
        await _one.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task Nodes_that_are_killed_drained_and_frozen_cost_no_message_and_no_duplicate(MailboxTransport transport)
    {
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport, Ack = AckMode.Manual });
        var states = new System.Collections.Concurrent.ConcurrentQueue<ReceiverState>();
        receiver.StateChanged += states.Enqueue;
        var held = new Queue<MailboxMessage>();
        var taken = new List<string>();
        var sending = Task.Run(async () =>
        {
            await _client.SendAsync(_mailbox, 1, 50);
            await _one.KillAsync();
            await _client.SendAsync(_mailbox, 51, 100);
            _one = await MailboxNode.StartAsync(_redis, Quick with { Port = _one.BaseAddress.Port });
            _two.Terminate();
            await _client.SendAsync(_mailbox, 101, 150);
            await _two.WaitForExitAsync(Loops.LongPatience);
            _two = await MailboxNode.StartAsync(_redis, Quick with { Port = _two.BaseAddress.Port });
            _one.Freeze();
            await _client.SendAsync(_mailbox, 151, 200);
            _one.Thaw();

            // So far a poll may always have found a node that is there: now there is none until the receiver has missed it.
            await Task.WhenAll(_one.KillAsync(), _two.KillAsync());
            await Eventually.HoldsAsync(
                () => receiver.State == ReceiverState.Reconnecting, Loops.LongPatience, "the receiver misses its node");
            _one = await MailboxNode.StartAsync(_redis, Quick with { Port = _one.BaseAddress.Port });
            _two = await MailboxNode.StartAsync(_redis, Quick with { Port = _two.BaseAddress.Port });
            await _client.SendAsync(_mailbox, 201, 250);
        });
        await foreach (var message in receiver.WithCancellation(Loops.LongDeadline))
        {
            taken.Add(message.Text);
            held.Enqueue(message);
            if (held.Count > 20)
            {
                await held.Dequeue().AckAsync(Loops.Deadline); // so that at every reconnect some are in flight
            }

            if (taken.Count == 250)
            {
                break;
            }
        }

        await sending;
        taken.ShouldBe(Loops.Texts(1, 250));
        states.First().ShouldBe(ReceiverState.Connecting);
        states.ShouldContain(ReceiverState.Reconnecting);
        states.Last().ShouldBe(ReceiverState.Closed);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task A_slow_body_neither_reconnects_nor_duplicates(MailboxTransport transport)
    {
        // Far more than all buffers of the connection hold, and loop bodies that take longer than lease, write deadline and idle
        // time; each of these is longer than a busy machine stands still.
        await using var node = await MailboxNode.StartAsync(
            _redis,
            Quick with
            {
                Settings = new Dictionary<string, string>(Quick.Settings)
                {
                    ["Mailbox:Heartbeat"] = "00:00:01", ["Mailbox:WriteDeadline"] = "00:00:05",
                },
            });
        using var client = new MailboxClient(new MailboxClientOptions
        {
            BaseAddresses = { node.BaseAddress },
            IdleTimeout = TimeSpan.FromSeconds(5),
            AttemptTimeout = TimeSpan.FromSeconds(10),
            RetryDelay = TimeSpan.FromMilliseconds(100),
        });
        var body = new byte[64 * 1024];
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                body[0] = (byte)i;
                await client.SendAsync(_mailbox, body.ToArray(), cancellationToken: Loops.LongDeadline);
            }
        });
        await using var receiver = client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        var reconnects = 0;
        receiver.StateChanged += state => reconnects += state == ReceiverState.Reconnecting ? 1 : 0;
        var taken = new List<int>();
        await foreach (var message in receiver.WithCancellation(Loops.LongDeadline))
        {
            message.Body.Length.ShouldBe(body.Length);
            taken.Add(message.Body.Span[0]);
            if (taken.Count is 1 or 30)
            {
                await Task.Delay(TimeSpan.FromSeconds(8));
            }

            if (taken.Count == 60)
            {
                break;
            }
        }

        await sending;
        taken.ShouldBe(Enumerable.Range(0, 60));
        reconnects.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task While_Redis_is_away_the_loop_waits(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 1);
        await using var receiver = _client.ReceiveAsync(_mailbox, new ReceiverOptions { Transport = transport });
        (await receiver.TakeAsync(1)).ShouldBe(["m1"]);
        _redis.Freeze();
        var taking = receiver.TakeAsync(2, Loops.LongDeadline); // opens while it is away
        await Task.Delay(TimeSpan.FromSeconds(3));
        taking.IsCompleted.ShouldBeFalse();
        _redis.Thaw();
        await _client.SendAsync(_mailbox, 2, 2);
        (await taking).ShouldBe(["m1", "m2"]);
    }

    [Theory]
    [MemberData(nameof(Loops.Transports), MemberType = typeof(Loops))]
    public async Task An_acknowledgement_that_Redis_misses_is_told_again(MailboxTransport transport)
    {
        await _client.SendAsync(_mailbox, 1, 8);
        await using var receiver = _client.ReceiveAsync(
            _mailbox, new ReceiverOptions { Transport = transport, Window = 4, Ack = AckMode.Manual });
        var taken = new List<string>();
        var held = new List<MailboxMessage>();
        await foreach (var message in receiver.WithCancellation(Loops.LongDeadline))
        {
            taken.Add(message.Text);
            held.Add(message);
            if (held.Count == 4)
            {
                // The window is full: nothing comes, and nothing more is acknowledged, before the server knows.
                await _redis.KillAsync();
                foreach (var one in held)
                {
                    await one.AckAsync(Loops.Deadline);
                }

                await Task.Delay(TimeSpan.FromSeconds(2.5)); // longer than the node tries
                await _redis.RestartAsync();
                held.Clear();
            }

            if (taken.Count == 8)
            {
                break;
            }
        }

        taken.ShouldBe(Loops.Texts(1, 8));
    }

    [Fact]
    public async Task A_time_to_come_back_in_ends_with_the_last_error()
    {
        using var client = new MailboxClient(new MailboxClientOptions
        {
            BaseAddresses = { new Uri($"http://127.0.0.1:{FreePorts.Take()}") },
            ReconnectTime = TimeSpan.FromSeconds(1),
            RetryDelay = TimeSpan.FromMilliseconds(100),
        });
        await using var receiver = client.ReceiveAsync(_mailbox);
        var exception = await Should.ThrowAsync<MailboxException>(() => receiver.TakeAsync(1));
        exception.Status.ShouldBe(0);
        exception.InnerException.ShouldBeOfType<HttpRequestException>();
        receiver.State.ShouldBe(ReceiverState.Closed);
    }
}
