using System.Diagnostics.Metrics;
using Mailbox.Mailboxes;
using Mailbox.Redis;

namespace Mailbox.Telemetry;

/// <summary>What a node is like at the moment in which somebody looks: nothing is counted for it.</summary>
internal sealed class NodeGauges : IDisposable
{
    private readonly Meter _meter = new(NodeMetrics.Name);

    public NodeGauges(Node node, SessionRegistry sessions, RedisConnection connection, RedisWakeSource wakes, MailboxOptions options)
    {
        Gauge("mailbox.ready", null, "1 while the node takes streams: neither starting nor draining.", () => node.State == NodeState.Ready ? 1 : 0);
        Gauge("mailbox.drain.remaining", "{connection}", "Sessions that a draining node has yet to end; 0 when it does not drain.",
            () => node.State == NodeState.Draining ? sessions.Count : 0);
        Gauge("mailbox.connections.limit", "{connection}", "The most streams that this node takes.", () => options.MaxConnections);
        Gauge("mailbox.wake.channels", "{channel}", "Mailboxes that this node listens for.", () => wakes.ChannelCount);
        Gauge("mailbox.wake.failing", "s", "For how long commands have worked and wakes have not arrived.", () => wakes.FailingFor.TotalSeconds);
        Gauge("mailbox.redis.breaker.open", null, "1 while calls are refused at once, as some server of Redis does not answer.",
            () => connection.Primaries is { IsAnySilent: true } ? 1 : 0);
        Gauge("mailbox.store.clock.offset", "s", "By how much this machine's clock is ahead of Redis's.", () => StoreClock.Shared.Offset.TotalSeconds);
        _meter.CreateObservableGauge(
            "mailbox.store.clock.uncertainty",
            () => StoreClock.Shared.Uncertainty is { } known ? [new Measurement<double>(known.TotalSeconds)] : Array.Empty<Measurement<double>>(),
            "s",
            "By how much that, and so the wake latency, may be wrong.");
        _meter.CreateObservableGauge(
            "mailbox.node.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", node.Version)), null, "Always 1; the version is a label.");
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string? unit, string description, Func<double> read) => _meter.CreateObservableGauge(name, read, unit, description);
}
