using System.Text.Json;
using Mailbox.Client;
using Microsoft.Extensions.Hosting;

namespace Demos;

/// <summary>Delivers fifty quotes a second, of ten symbols in no order, to the group <c>quotes</c>: whoever looks is a member.</summary>
internal sealed class Quotes(MailboxClient client) : BackgroundService
{
    private static readonly string[] Symbols = ["ALFA", "BETA", "CHIP", "DUNE", "ECHO", "FLUX", "GAIN", "HALO", "IRIS", "JADE"];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = client.Group("quotes");
        var since = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); // names this run, whose numbers begin at 1
        var prices = Symbols.ToDictionary(symbol => symbol, _ => 50 + (100 * Random.Shared.NextDouble()));
        var numbers = Symbols.ToDictionary(symbol => symbol, _ => 0);
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // In turn, a viewer that takes them at a beat of its own would always meet the same few.
            var symbol = Symbols[Random.Shared.Next(Symbols.Length)];
            prices[symbol] *= 1 + ((Random.Shared.NextDouble() - 0.5) / 100);
            var quote = new
            {
                since,
                symbol,
                n = ++numbers[symbol],
                price = Math.Round(prices[symbol], 2),
                at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            };
            try
            {
                // Of a topic, only the newest waits: a viewer that is slow misses old quotes, and never the newest.
                await group.SendAsync(
                    JsonSerializer.SerializeToUtf8Bytes(quote),
                    new SendOptions { ContentType = "application/json", Topic = symbol, TimeToLive = TimeSpan.FromMinutes(1) },
                    waits: false,
                    stoppingToken);
            }
            catch (MailboxException)
            {
                // A quote that nobody could take is old by now.
            }
        }
    }
}
