using System.Globalization;
using Mailbox.Client;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>Client, server and client again, at length, while nodes come and go.</summary>
[Collection(Alone.Name)]
public sealed class EnduranceTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Mailboxes = 20;
    private const int Senders = 5;
    private const int Each = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly MailboxNodeOptions Roomy = new()
    {
        Settings = new Dictionary<string, string>
        {
            ["Mailbox:MaxMessages"] = "100000",
            ["Mailbox:MaxBytes"] = "1000000000",
            ["Mailbox:DrainWindow"] = "00:00:00.5",
        },
    };

    private readonly List<MailboxNode> _nodes = [];
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _nodes.Add(await MailboxNode.StartAsync(_redis, Roomy));
        _nodes.Add(await MailboxNode.StartAsync(_redis, Roomy));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_thousand_messages_arrive_exactly_and_in_order_while_nodes_restart()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var client = new MailboxClient(new MailboxClientOptions
        {
            BaseAddresses = { _nodes[0].BaseAddress, _nodes[1].BaseAddress },
            RetryDelay = TimeSpan.FromMilliseconds(100),
        });
        var run = Names.Fresh("long");
        var reconnects = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var receiving = Enumerable.Range(0, Mailboxes).Select(i => Task.Run(() => ReceiveAsync(i))).ToList();
        var sending = Enumerable.Range(0, Senders).Select(i => Task.Run(() => SendAsync(i))).ToList();
        var all = Task.WhenAll([.. sending, .. receiving]);
        var restarts = 0;
        while (!all.IsCompleted && restarts < 6)
        {
            await RestartAsync(restarts % 2, isKill: restarts % 4 < 2);
            restarts++;
            if (restarts == 3)
            {
                enough.SetResult();
            }
        }

        await all;
        output.WriteLine($"{restarts} restarts, {reconnects} reconnects");
        restarts.ShouldBeGreaterThan(2);
        reconnects.ShouldBeGreaterThan(0);
        foreach (var i in Enumerable.Range(0, Mailboxes))
        {
            await using var rest = client.ReceiveAsync(NameOf(i));
            await client.SendAsync(NameOf(i), "end", cancellationToken: deadline.Token);
            (await rest.TakeAsync(1)).ShouldBe(["end"]);
        }

        string NameOf(int mailbox) => $"{run}.{mailbox}";

        async Task SendAsync(int number)
        {
            await using var sender = client.CreateSender(new MailboxSenderOptions { BatchDelay = TimeSpan.Zero });
            var results = new List<Task>();
            for (var i = 1; i <= Each; i++)
            {
                if (i == Each)
                {
                    await enough.Task.WaitAsync(deadline.Token); // however fast this machine is, it lasts over three restarts
                }

                for (var mailbox = 0; mailbox < Mailboxes; mailbox++)
                {
                    results.Add(sender.SendAsync(NameOf(mailbox), $"{number}:{i}", cancellationToken: deadline.Token));
                }

                if (results.Count >= 1000)
                {
                    await Task.WhenAll(results);
                    results.Clear();
                }
            }

            await Task.WhenAll(results);
        }

        async Task ReceiveAsync(int mailbox)
        {
            var options = new ReceiverOptions { Transport = (MailboxTransport)(mailbox % 3) };
            await using var receiver = client.ReceiveAsync(NameOf(mailbox), options);
            receiver.StateChanged += state => Interlocked.Add(ref reconnects, state == ReceiverState.Reconnecting ? 1 : 0);
            receiver.ResetTold += reset => throw new InvalidOperationException(reset.ToString());
            receiver.GapTold += gap => throw new InvalidOperationException(gap.ToString());
            var next = Enumerable.Repeat(1, Senders).ToArray();
            var left = Senders * Each;
            await foreach (var message in receiver.WithCancellation(deadline.Token))
            {
                var parts = message.Text.Split(':').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
                parts[1].ShouldBe(next[parts[0]]++, $"of sender {parts[0]} by {options.Transport}");
                if (--left == 0)
                {
                    await message.AckAsync(deadline.Token);
                    break;
                }
            }

            // Leaving the loop tells it once, and a node may just be away; what is told here is told.
            await receiver.FlushAsync(deadline.Token);
        }
    }

    private async Task RestartAsync(int index, bool isKill)
    {
        var node = _nodes[index];
        if (isKill)
        {
            await node.KillAsync();
        }
        else
        {
            node.Terminate();
            await node.WaitForExitAsync(Patience);
        }

        await node.DisposeAsync();
        _nodes[index] = await MailboxNode.StartAsync(_redis, Roomy with { Port = node.BaseAddress.Port });
        await Task.Delay(TimeSpan.FromSeconds(2)); // the other may not go before clients are back on this one
    }
}
