using System.Text.Json;
using Mailbox.Client;
using Microsoft.Extensions.Hosting;

namespace Demos;

/// <summary>
/// Counts, five times a second, to the group <c>counter</c>; and tells it every second which nodes live, and how to kill the one
/// that new connections come to.
/// </summary>
internal sealed class Counter(MailboxClient client, IReadOnlyList<DemoNode> nodes) : BackgroundService
{
    private readonly MailboxGroup _group = client.Group("counter");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(CountAsync(stoppingToken), TellNodesAsync(stoppingToken));

    private async Task CountAsync(CancellationToken stopping)
    {
        var since = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); // names this run, whose numbers begin at 1
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var n = 1; await timer.WaitForNextTickAsync(stopping); n++)
        {
            var isStored = false;
            while (!isStored)
            {
                // The client tries again for half a minute, and this loop for ever: with the same key it is stored once.
                var options = new SendOptions
                {
                    Type = "count", TimeToLive = TimeSpan.FromMinutes(10), IdempotencyKey = $"count-{since}-{n}",
                };
                isStored = await SendAsync(new { since, n }, options, stopping);
            }
        }
    }

    private async Task TellNodesAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var living = new List<DemoNode>();
            foreach (var node in nodes)
            {
                if (await node.TakesConnectionsAsync(stopping))
                {
                    living.Add(node);
                }
            }

            var told = new
            {
                nodes = nodes.Select(node => new { address = node.Address.Authority, pid = node.Pid, isAlive = living.Contains(node) }),
                serving = living.FirstOrDefault()?.Address.Authority,
                command = living.Count > 1 ? $"kill -9 {living[0].Pid}" : null, // the last one is left alone
            };

            // Of this topic only the newest waits. One that nobody could take is followed by the next.
            await SendAsync(told, new SendOptions { Type = "nodes", Topic = "nodes", TimeToLive = TimeSpan.FromMinutes(1) }, stopping);
        }
    }

    private async Task<bool> SendAsync(object body, SendOptions options, CancellationToken stopping)
    {
        try
        {
            await _group.SendAsync(
                JsonSerializer.SerializeToUtf8Bytes(body), options with { ContentType = "application/json" }, waits: false, stopping);
            return true;
        }
        catch (MailboxException)
        {
            return false;
        }
    }
}
