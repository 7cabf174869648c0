using Mailbox.Faults.Checking;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>
/// Writes a history the way one would tell it. Unless told otherwise there is one mailbox <c>m</c> with the client
/// <c>alice</c>, one producer, one generation, and a millisecond from one event to the next. A message is named by its
/// payload, and only by the last digits of its id.
/// </summary>
internal sealed class HistoryBuilder
{
    public const string First = "aaaaaaaaaaaaaaaa";
    public const string Second = "bbbbbbbbbbbbbbbb";

    private readonly List<HistoryEvent> _events = [];
    private readonly Dictionary<(string Payload, string Mailbox), long> _ops = [];
    private readonly Dictionary<string, (string Client, string Mailbox)> _connections = [];
    private long _op;
    private double _now;

    public IReadOnlyList<HistoryEvent> Events => _events;

    public HistoryBuilder Add(HistoryEvent happened)
    {
        _events.Add(happened with { Index = _events.Count, At = ++_now });
        return this;
    }

    public HistoryBuilder Wait(double milliseconds)
    {
        _now += milliseconds;
        return this;
    }

    // --- producers

    public HistoryBuilder Delivers(
        string payload, long? id = null, string generation = First, string mailbox = "m", string producer = "p",
        bool keyed = false, string? topic = null, long? ttl = null) =>
        Begins(payload, mailbox, producer, keyed, topic, ttl).Accepted(payload, id, generation, mailbox);

    public HistoryBuilder Begins(
        string payload, string mailbox = "m", string producer = "p", bool keyed = false, string? topic = null, long? ttl = null)
    {
        _ops[(payload, mailbox)] = ++_op;
        return Add(new DeliverBegan(_op, producer, mailbox, payload, "rest", keyed, topic, ttl));
    }

    public HistoryBuilder Accepted(string payload, long? id = null, string generation = First, string mailbox = "m") =>
        Add(new DeliverEnded(_ops[(payload, mailbox)], DeliverOutcome.Accepted, id is { } number ? new Position(generation, number) : null));

    public HistoryBuilder Refused(string payload) => Add(new DeliverEnded(_ops[(payload, "m")], DeliverOutcome.Refused));

    public HistoryBuilder Unknown(string payload) => Add(new DeliverEnded(_ops[(payload, "m")], DeliverOutcome.Unknown));

    public HistoryBuilder TakesBack(long id) => Add(new TakeBackBegan("m", new Position(First, id)));

    // --- receivers

    public HistoryBuilder Opens(
        string connection, string client = "alice", long? after = null, string generation = First, string mailbox = "m",
        string transport = "sse", bool shared = false) =>
        BeginsToOpen(connection, client, after, generation, mailbox, transport, shared).IsOpen(connection);

    public HistoryBuilder BeginsToOpen(
        string connection, string client = "alice", long? after = null, string generation = First, string mailbox = "m",
        string transport = "sse", bool shared = false)
    {
        _connections[connection] = (client, mailbox);
        var resumes = after is { } place ? new Position(generation, place) : null;
        return Add(new OpenBegan(connection, client, mailbox, transport, true, resumes, resumes is not null, shared));
    }

    public HistoryBuilder IsOpen(string connection) => Add(new Opened(connection));

    public HistoryBuilder Receives(string connection, string payload, long id, string generation = First) =>
        Add(new Received(connection, _connections[connection].Mailbox, new Position(generation, id), payload));

    public HistoryBuilder IsToldGap(string connection, long from, long to, string reason) =>
        Add(new GapTold(connection, from, to, reason));

    public HistoryBuilder IsToldReset(string connection, string reason = "lost") => Add(new ResetTold(connection, reason));

    public HistoryBuilder Ends(string connection, string reason = "broken") => Add(new Ended(connection, reason));

    public HistoryBuilder Acks(string connection, long id, AckEnd outcome = AckEnd.Acked, string generation = First) =>
        BeginsToAck(connection, id, generation).IsAcked(outcome);

    public HistoryBuilder BeginsToAck(string connection, long id, string generation = First)
    {
        var (client, mailbox) = _connections[connection];
        return Add(new AckBegan(++_op, connection, client, mailbox, new Position(generation, id)));
    }

    public HistoryBuilder IsAcked(AckEnd outcome = AckEnd.Acked) => Add(new AckEnded(_op, outcome));

    // --- nemesis, and the end

    public HistoryBuilder Fault(LossWindow permits = LossWindow.None, double tail = 0) => Add(new FaultBegan("fault", permits, tail));

    public HistoryBuilder Heals() => Add(new FaultEnded("fault"));

    public HistoryBuilder IsQuiet() => Add(new Quiet());

    public HistoryBuilder Keeps(
        long first, string?[] payloads, bool hasReceiver = true, string generation = First, string mailbox = "m") =>
        Add(new Kept(mailbox, generation, first, payloads, hasReceiver));

    /// <summary>Where nothing was said of the end, every receiver is there and nothing is kept.</summary>
    public CheckResult Check(CheckLimits? limits = null)
    {
        if (!_events.OfType<Quiet>().Any())
            IsQuiet();
        if (!_events.OfType<Kept>().Any())
        {
            foreach (var mailbox in _ops.Keys.Select(op => op.Mailbox).Distinct())
                Keeps(1, [], mailbox: mailbox);
        }
        return HistoryChecker.Check(_events, limits ?? new CheckLimits());
    }

    public void IsClean() => Check().Violations.ShouldBeEmpty();

    /// <summary>These rules are broken, and no others.</summary>
    public void Breaks(params string[] rules)
    {
        var found = Check().Violations;
        found.Select(violation => violation.Rule).Distinct().ShouldBe(rules, ignoreOrder: true, string.Join('\n', found));
    }
}
