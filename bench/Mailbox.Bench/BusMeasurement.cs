using System.Globalization;
using System.Text;
using Mailbox.Bench.Measuring;
using Mailbox.TestKit;

namespace Mailbox.Bench;

/// <summary>
/// What a wake costs each server of Redis: PUBLISH on one server, on a cluster of three primaries, where every server is told,
/// and SPUBLISH, which only the servers of its slot are told. Pipelined, and nobody listens.
/// </summary>
internal static class BusMeasurement
{
    private const string Channel = "mailbox:{bus}:wake";
    private const int Publishes = 100_000;
    private const int AtOnce = 200;

    public static async Task RunAsync(int rounds, TextWriter log)
    {
        await using var single = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync();
        var owner = await cluster.PrimaryOfAsync(Channel);
        RedisServer[] all = [single, .. await cluster.PrimariesAsync()];
        (string What, RedisServer At, string Command)[] ways =
        [
            ("PUBLISH, one server", single, "PUBLISH"),
            ("PUBLISH, cluster of three", owner, "PUBLISH"),
            ("SPUBLISH, cluster of three", owner, "SPUBLISH"),
        ];
        await log.WriteLineAsync("µs of CPU for one publish: where it was sent, and each other primary (median of the rounds)");
        foreach (var bytes in (int[])[1, 300])
        {
            var body = Encoding.ASCII.GetBytes(new string('x', bytes));
            foreach (var (what, at, command) in ways)
            {
                var costs = new List<double[]>();
                for (var round = 0; round < rounds; round++)
                {
                    costs.Add(await CostAsync(at, all, command, body));
                }

                var figures = all.Where(server => server == at || (server != single && at != single))
                    .Select(server => (IsHere: server == at, Micros: Median(costs.Select(cost => cost[Array.IndexOf(all, server)]))))
                    .OrderByDescending(figure => figure.IsHere)
                    .Select(figure => figure.Micros.ToString("0.0", CultureInfo.InvariantCulture));
                await log.WriteLineAsync($"  {what,-28} {bytes,4} bytes: {string.Join(" + ", figures)}");
            }
        }
    }

    private static async Task<double[]> CostAsync(RedisServer at, RedisServer[] all, string command, byte[] body)
    {
        var some = Enumerable.Repeat(new object[] { command, Channel, body }, AtOnce).ToArray();
        await using var cli = await at.ConnectAsync();
        await cli.ExecuteManyAsync(some);
        var before = all.Select(server => ProcessTimes.CpuSeconds(server.Pid)).ToArray();
        for (var i = 0; i < Publishes / AtOnce; i++)
        {
            await cli.ExecuteManyAsync(some);
        }

        await Task.Delay(200); // the bus
        return [.. all.Select((server, i) => (ProcessTimes.CpuSeconds(server.Pid) - before[i]) * 1e6 / Publishes)];
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
