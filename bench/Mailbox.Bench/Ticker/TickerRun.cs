using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Mailbox.TestKit;

namespace Mailbox.Bench.Ticker;

/// <summary>
/// A stock ticker: members of one group, each with a stream, quotes with a topic for each symbol, and readers that are slower
/// than the quotes. What counts is that everybody ends with the newest quote of each symbol, and that nobody holds another up.
/// </summary>
internal sealed class TickerRun(TickerPlan plan, TextWriter output)
{
    private const string Group = "ticker";
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    private readonly int[] _newest = new int[plan.Symbols];

    public async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await MailboxNode.StartAsync(redis);
        await using var two = await MailboxNode.StartAsync(redis);
        MailboxNode[] nodes = [one, two];
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, plan.Members)
            .Select(i => new TickerReader(http, nodes[i % 2].BaseAddress, $"ticker.{i}", plan.Symbols, isSlow: i % plan.OneSlowIn == 0, plan.SlowFor))
            .ToList();
        foreach (var some in readers.Chunk(100))
        {
            await Task.WhenAll(some.Select(reader => JoinAsync(http, one, reader.Mailbox)));
            await Task.WhenAll(some.Select(reader => reader.OpenAsync(stop.Token)));
        }

        await output.WriteLineAsync($"{plan.Members} streams on 2 nodes, {readers.Count(reader => reader.IsSlow)} of them take {plan.SlowFor.TotalMilliseconds} ms for a quote");
        var watch = Stopwatch.StartNew();
        var (accepted, refused) = await SendAsync(http, nodes, watch);
        var sent = watch.Elapsed;

        var fast = readers.Where(reader => !reader.IsSlow).ToList();
        var slow = readers.Where(reader => reader.IsSlow).ToList();
        var fastAfter = await SettleAsync(fast, watch, sent);
        var slowAfter = await SettleAsync(slow, watch, sent);
        var behind = readers.Count(reader => !reader.Has(_newest));
        await stop.CancelAsync();
        await Task.WhenAll(readers.Select(reader => reader.EndAsync()));

        var all = (sent + (fastAfter ?? Settling)).TotalSeconds;
        var memory = await MemoryAsync(redis);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            quotes accepted      {accepted} of {accepted + refused} in {sent.TotalSeconds:0.0} s: {accepted / sent.TotalSeconds:0} a second
            rounds fanned out    {fast.Max(reader => reader.Count)}: {fast.Max(reader => reader.Count) / all:0.0} a second, {readers.Sum(reader => (long)reader.Count) / all:0} messages a second
            a fast reader got    {Spread(fast)}
            a slow reader got    {Spread(slow)}
            newest everywhere    {readers.Count - behind} of {readers.Count}; fast after {Told(fastAfter)}, slow after {Told(slowAfter)}
            out of order         {readers.Sum(reader => reader.OutOfOrder)}, streams that broke {readers.Count(reader => reader.IsBroken)}
            memory of Redis      {memory}
            """));
        return behind == 0 && readers.All(reader => reader.OutOfOrder == 0 && !reader.IsBroken) ? 0 : 1;
    }

    /// <summary>Each symbol's quotes one after the other; a server that is slow is not asked for what is late by then.</summary>
    private async Task<(int Accepted, int Refused)> SendAsync(HttpClient http, MailboxNode[] nodes, Stopwatch watch)
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, plan.Symbols).Select(symbol => SendAsync(http, nodes[symbol % 2].BaseAddress, symbol, watch)));
        return (counts.Sum(count => count.Accepted), counts.Sum(count => count.Refused));
    }

    private async Task<(int Accepted, int Refused)> SendAsync(HttpClient http, Uri node, int symbol, Stopwatch watch)
    {
        var (accepted, refused) = (0, 0);
        var every = TimeSpan.FromSeconds((double)plan.Symbols / plan.QuotesPerSecond);
        for (var (number, next) = (0, every * ((double)symbol / plan.Symbols)); next < plan.Duration; number++, next += every)
        {
            if (next - watch.Elapsed is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }
            else if (-early > every)
            {
                refused++;
                continue;
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node, $"/v1/groups/{Group}/messages"))
            {
                Content = new StringContent($$"""{"symbol":{{symbol}},"n":{{number}}}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Add("Topic", $"s{symbol}");
            request.Headers.Add("Prefer", "respond-async");
            using var response = await http.SendAsync(request);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted)
            {
                (accepted, _newest[symbol]) = (accepted + 1, number);
            }
            else
            {
                refused++;
            }
        }

        return (accepted, refused);
    }

    /// <summary>Until each has the newest of each symbol; null when some never get it.</summary>
    private async Task<TimeSpan?> SettleAsync(List<TickerReader> readers, Stopwatch watch, TimeSpan sent)
    {
        while (!readers.TrueForAll(reader => reader.Has(_newest)))
        {
            if (watch.Elapsed - sent > Settling)
            {
                return null;
            }

            await Task.Delay(50);
        }

        return watch.Elapsed - sent;
    }

    private static async Task JoinAsync(HttpClient http, MailboxNode node, string mailbox)
    {
        using var answer = await http.PutAsync(new Uri(node.BaseAddress, $"/v1/groups/{Group}/members/{mailbox}"), null);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<string> MemoryAsync(RedisServer redis)
    {
        var info = RedisCli.TextOf(await redis.ExecuteAsync("INFO", "memory"))!;
        return info.Split("\r\n").First(line => line.StartsWith("used_memory_human:", StringComparison.Ordinal))[18..];
    }

    private static string Spread(List<TickerReader> readers)
    {
        var counts = readers.Select(reader => reader.Count).Order().ToList();
        return $"{counts[counts.Count / 2]} quotes (least {counts[0]}, most {counts[^1]})";
    }

    private static string Told(TimeSpan? after) => after is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : "never";
}
