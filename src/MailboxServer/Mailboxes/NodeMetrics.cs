using System.Diagnostics.Metrics;

namespace Mailbox.Mailboxes;

/// <summary>
/// What a node counts and measures, by OpenTelemetry's conventions. Never by mailbox, tenant or anything else that a client
/// chooses: the tags are a few fixed words each, so that the page stays small whatever comes. A process is a node, so this is
/// static as its log is; without somebody who listens, an instrument costs next to nothing.
/// </summary>
internal static class NodeMetrics
{
    /// <summary>The meter's name, by which exporters ask for it.</summary>
    public const string Name = "Mailbox";

    public const string One = "one";
    public const string Many = "many";
    public const string Answer = "answer";
    public const string Group = "group";
    public const string Opened = "opened";
    public const string Replaced = "replaced";
    public const string Refused = "refused";

    private static readonly Meter Meter = new(Name, typeof(NodeMetrics).Assembly.GetName().Version?.ToString(3));

    /// <summary>A wake within one machine takes 1 ms, a sweep 20 s: from the one to somewhat over the other.</summary>
    private static readonly InstrumentAdvice<double> WaitBuckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60],
    };

    /// <summary>A call is given up after 1.8 s.</summary>
    private static readonly InstrumentAdvice<double> CallBuckets = new()
    {
        HistogramBucketBoundaries = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    };

    public static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "mailbox.connections", "{connection}", "Open streams and waiting long-polls, by transport.");

    public static readonly Counter<long> Opens = Meter.CreateCounter<long>(
        "mailbox.opens", "{open}", "Opens, by transport and by what became of them.");

    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>(
        "mailbox.deliveries", "{message}", "Deliveries by HTTP that reached the store, by outcome and by the call that brought them.");

    public static readonly Counter<long> Taken = Meter.CreateCounter<long>(
        "mailbox.messages.taken", "{message}", "Messages given to a stream, by whether a take read them or their wake carried them.");

    public static readonly Counter<long> Removed = Meter.CreateCounter<long>(
        "mailbox.messages.removed", "{message}", "Messages that left their mailbox by this node's calls, by reason.");

    public static readonly Counter<long> Gaps = Meter.CreateCounter<long>(
        "mailbox.gaps", "{gap}", "Gaps that receivers were told of, by reason.");

    public static readonly Counter<long> Resets = Meter.CreateCounter<long>(
        "mailbox.resets", "{reset}", "Resets that receivers were told of, by reason.");

    public static readonly Counter<long> Acks = Meter.CreateCounter<long>(
        "mailbox.acks", "{ack}", "Acknowledgements, by outcome.");

    public static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "mailbox.refusals", "{request}", "Requests that were refused, by the last part of the problem's type.");

    public static readonly Counter<long> SweepHits = Meter.CreateCounter<long>(
        "mailbox.sweep.hits", "{take}", "Sweeps that found a message whose wake had not been heard.");

    public static readonly Counter<long> SlowReadersCut = Meter.CreateCounter<long>(
        "mailbox.slow_readers.cut", "{connection}", "Connections that were cut off because a flush missed the write deadline.");

    public static readonly Counter<long> CanaryMisses = Meter.CreateCounter<long>(
        "mailbox.canary.misses", "{canary}", "Canaries that were sent and not heard in time.");

    public static readonly Counter<long> WakeRebuilds = Meter.CreateCounter<long>(
        "mailbox.wake.rebuilds", "{connection}", "Times that the connection for wakes was built anew.");

    public static readonly Counter<long> ScriptErrors = Meter.CreateCounter<long>(
        "mailbox.script.errors", "{error}", "Script calls that Redis answered by an error, by script.");

    public static readonly Counter<long> RedisSilences = Meter.CreateCounter<long>(
        "mailbox.redis.silences", "{silence}", "Times that a server of Redis stopped answering.");

    public static readonly Histogram<double> WakeLatency = Meter.CreateHistogram(
        "mailbox.wake.latency", "s", "From the store's time of a message to its flush, for messages that a stream waited for.", null, WaitBuckets);

    public static readonly Histogram<double> CanaryRoundtrip = Meter.CreateHistogram(
        "mailbox.canary.roundtrip", "s", "From the publish of a canary until it was heard.", null, CallBuckets);

    public static readonly Histogram<double> RedisRoundtrip = Meter.CreateHistogram(
        "mailbox.redis.roundtrip", "s", "How long calls to Redis took that were answered.", null, CallBuckets);

    private static readonly string[] Transports = ["sse", "websocket", "ndjson", "longpoll"];

    private static readonly string[] RemovedReasons = ["acked", "windowed", "dropped", "expired", "topic", "takenBack", "malformed"];

    private static readonly string[] Outcomes = ["stored", "replayed", "absent", "full", "conflict", "failed"];

    private static readonly string[] AckOutcomes = ["acked", "not-receiver", "beyond-sent", "stale"];

    /// <summary>
    /// What has not happened yet is a 0 and not nothing: a rate needs the value before the first, and an alert on what is not
    /// there never fires. Called once somebody listens.
    /// </summary>
    public static void BeginAtZero()
    {
        foreach (var transport in Transports)
        {
            Connections.Add(0, Tag("transport", transport));
            foreach (var outcome in new[] { Opened, Replaced, Refused }) Opens.Add(0, Tag("transport", transport), Tag("outcome", outcome));
        }

        foreach (var outcome in Outcomes)
        {
            foreach (var path in new[] { One, Many, Answer, Group }) Deliveries.Add(0, Tag("outcome", outcome), Tag("path", path));
        }

        foreach (var by in new[] { "take", "wake" }) Taken.Add(0, Tag("by", by));
        foreach (var reason in RemovedReasons) Removed.Add(0, Tag("reason", reason));
        foreach (var reason in new[] { "acknowledged", "dropped", "window", "malformed" }) Gaps.Add(0, Tag("reason", reason));
        foreach (var reason in new[] { "lost", "failover" }) Resets.Add(0, Tag("reason", reason));
        foreach (var outcome in AckOutcomes) Acks.Add(0, Tag("outcome", outcome));
        foreach (var script in new[] { "deliver", "batch", "open", "take", "ack" }) ScriptErrors.Add(0, Tag("script", script));
        foreach (var type in new[] { "unauthorized", "forbidden", "too-many", "too-many-requests", "store-unavailable", "mailbox-full" })
        {
            Refusals.Add(0, Tag("type", type));
        }

        foreach (var counter in new[] { SweepHits, SlowReadersCut, CanaryMisses, WakeRebuilds, RedisSilences }) counter.Add(0);
    }

    public static void Open(string transport, string outcome) => Opens.Add(1, Tag("transport", transport), Tag("outcome", outcome));

    public static void Connection(string transport, int change) => Connections.Add(change, Tag("transport", transport));

    /// <param name="outcome">Null: the store failed, and whether it was stored is unknown.</param>
    /// <param name="path"><see cref="One"/>, <see cref="Many"/>, <see cref="Answer"/> or <see cref="Group"/>.</param>
    public static void Delivery(DeliveryOutcome? outcome, string path) =>
        Deliveries.Add(1, Tag("outcome", Outcomes[outcome is { } known ? (int)known : ^1]), Tag("path", path));

    public static void Ack(AckOutcome outcome) => Acks.Add(1, Tag("outcome", AckOutcomes[(int)outcome]));

    public static void Take(int messages, bool isCarried) => Taken.Add(messages, Tag("by", isCarried ? "wake" : "take"));

    public static void Remove(string reason, long messages) => Removed.Add(messages, Tag("reason", reason));

    public static void Gap(string reason) => Gaps.Add(1, Tag("reason", reason));

    public static void Reset(string reason) => Resets.Add(1, Tag("reason", reason));

    public static void Refuse(string type) => Refusals.Add(1, Tag("type", type));

    public static void ScriptFailed(string script) => ScriptErrors.Add(1, Tag("script", script));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
