using System.Diagnostics.Metrics;
using System.Text.Json;
using Mailbox.Contracts;
using Mailbox.Mailboxes;
using Mailbox.Redis;
using Mailbox.Telemetry;

namespace Mailbox;

/// <summary>
/// Tells consoles how this node is, by delivering it into a mailbox that they watch. Of each node the newest only: an older message of
/// its topic is replaced, and a node that has gone is forgotten with its last one.
/// </summary>
internal sealed partial class ConsoleService(
    RedisMailboxStore store, MetricsPage metrics, Node node, SessionRegistry sessions, ILogger<ConsoleService> logger) : LongRunningService
{
    private const int LifeSeconds = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly string Host = Environment.MachineName;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (node.ReadsStore)
                {
                    await TellAsync(stoppingToken);
                }
            }
            catch (StoreException)
            {
                // Redis is away: said elsewhere, and told by the silence.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Unexpected(logger, FailureText.Of(exception));
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        var figures = JsonSerializer.SerializeToUtf8Bytes(Read(), MailboxJsonContext.Default.NodeFigures);
        await store.DeliverAsync(
            NodeFigures.Destination,
            new Delivery { Body = figures, ContentType = "application/json", Topic = node.Id, TimeToLive = LifeSeconds },
            cancellation);
    }

    private NodeFigures Read() => new()
    {
        Node = node.Id,
        Host = Host,
        Version = node.Version,
        State = node.State.ToString().ToLowerInvariant(),
        Started = node.Started,
        Time = DateTimeOffset.UtcNow,
        Connections = sessions.Count,
        Opens = Sum(NodeMetrics.Opens, "outcome", NodeMetrics.Opened),
        Delivered = Sum(NodeMetrics.Deliveries, "outcome", "stored"),
        Taken = Sum(NodeMetrics.Taken),
        Gaps = Sum(NodeMetrics.Gaps),
        Resets = Sum(NodeMetrics.Resets),
        Refusals = Sum(NodeMetrics.Refusals),
        Memory = Environment.WorkingSet,
        WakeLatency = ReadWakeLatency(),
    };

    private WakeLatency ReadWakeLatency()
    {
        var bounds = NodeMetrics.WakeLatency.Advice?.HistogramBucketBoundaries ?? [];
        var counts = new long[bounds.Count + 1];
        foreach (var series in metrics.SeriesOf(NodeMetrics.WakeLatency))
        {
            var buckets = series.ReadBuckets();
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += buckets[i];
            }
        }

        return new WakeLatency([.. bounds], counts);
    }

    private long Sum(Instrument counter, string? tag = null, string? value = null) => (long)metrics.SeriesOf(counter)
        .Where(series => tag is null || series.Tags.Any(its => its.Key == tag && Equals(its.Value, value)))
        .Sum(series => series.Value);

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Error, "Telling consoles how this node is failed unexpectedly; it goes on.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
