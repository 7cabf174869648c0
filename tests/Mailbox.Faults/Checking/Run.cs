using System.Globalization;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>A history, read once: what belongs together stands together. Every rule looks at this.</summary>
internal sealed class Run
{
    private readonly Dictionary<string, MailboxTimeline> _mailboxes = [];
    private readonly Dictionary<long, Delivery> _deliveries = [];
    private readonly Dictionary<string, Connection> _connections = [];
    private readonly Dictionary<long, Ack> _acks = [];
    private readonly List<FaultWindow> _faults = [];
    private IReadOnlyList<Loss>? _losses;
    private WakeTimes? _wakes;
    private Intervals? _forgotten;

    public Run(IReadOnlyList<HistoryEvent> history, CheckLimits limits)
    {
        History = history;
        Limits = limits;
        foreach (var happened in history)
            Read(happened);
        Quiet = history.OfType<Quiet>().LastOrDefault() ?? (history.Count > 0 ? history[^1] : new Quiet());
    }

    public IReadOnlyList<HistoryEvent> History { get; }

    public CheckLimits Limits { get; }

    public IReadOnlyCollection<MailboxTimeline> Mailboxes => _mailboxes.Values;

    public IReadOnlyCollection<Delivery> Deliveries => _deliveries.Values;

    public IReadOnlyCollection<Connection> Connections => _connections.Values;

    public IReadOnlyList<FaultWindow> Faults => _faults;

    public FaultEnded? LastHealed { get; private set; }

    /// <summary>From here on nothing more was expected to come.</summary>
    public HistoryEvent Quiet { get; }

    /// <summary>What does not fit together: the actors' fault, not the server's.</summary>
    public List<Violation> Misfits { get; } = [];

    public IReadOnlyList<Loss> Losses => _losses ??= [.. Loss.Find(this)];

    public WakeTimes Wakes => _wakes ??= new WakeTimes(this);

    /// <summary>May Redis have forgotten what it answered then?</summary>
    public bool MayForget(HistoryEvent answered) => (_forgotten ??= new Intervals(_faults
        .Where(fault => fault.LosesWrites)
        .Select(fault => (fault.ForgetsFrom, fault.EndedAt)))).Overlap(answered.At, answered.At);

    public Delivery? Delivery(long op) => _deliveries.GetValueOrDefault(op);

    private void Read(HistoryEvent happened)
    {
        switch (happened)
        {
            case DeliverBegan began:
                var message = Mailbox(began.Mailbox).Message(began.Payload);
                var delivery = new Delivery(began, message);
                Expect(_deliveries.TryAdd(began.Op, delivery), began, "a second delivery with its number");
                message.Deliveries.Add(delivery);
                break;
            case DeliverEnded ended:
                if (Known(_deliveries, ended.Op, ended) is { } answered)
                    answered.Ended = ended;
                break;
            case TakeBackBegan takeBack:
                Mailbox(takeBack.Mailbox).TakeBacks.Add(takeBack);
                break;
            case AckBegan began:
                var ack = new Ack(began);
                Expect(_acks.TryAdd(began.Op, ack), began, "a second ack with its number");
                Mailbox(began.Mailbox).Acks.Add(ack);
                break;
            case AckEnded ended:
                if (Known(_acks, ended.Op, ended) is { } acknowledged)
                    acknowledged.Ended = ended;
                break;
            case FaultBegan fault:
                _faults.Add(new FaultWindow(fault));
                break;
            case FaultEnded ended:
                LastHealed = ended;
                var window = _faults.FindLast(fault => fault.Ended is null && fault.Began.Fault == ended.Fault);
                Expect(window is not null, ended, "the end of a fault that had not begun");
                window?.Ended = ended;
                break;
            case Kept kept:
                Mailbox(kept.Mailbox).Kept = kept;
                break;
            default:
                ReadConnection(happened);
                break;
        }
    }

    private void ReadConnection(HistoryEvent happened)
    {
        switch (happened)
        {
            case OpenBegan began:
                var mailbox = Mailbox(began.Mailbox);
                var opening = new Connection(began, mailbox);
                Expect(_connections.TryAdd(began.Connection, opening), began, "a second connection of its name");
                mailbox.Connections.Add(opening);
                break;
            case Opened opened:
                Known(_connections, opened.Connection, opened)?.Opened ??= opened;
                break;
            case Ended ended:
                Known(_connections, ended.Connection, ended)?.Ended = ended;
                break;
            case Received received when Known(_connections, received.Connection, received) is { } connection:
                connection.Tell(received);
                Mailbox(received.Mailbox).Message(received.Payload).Add(new Receipt(received, connection));
                break;
            case GapTold gap:
                Known(_connections, gap.Connection, gap)?.Tell(gap);
                break;
            case ResetTold reset when Known(_connections, reset.Connection, reset) is { } connection:
                connection.Tell(reset);
                if (!connection.IsShared)
                    connection.Mailbox.Resets.Add(reset);
                break;
        }
    }

    private MailboxTimeline Mailbox(string name)
    {
        if (!_mailboxes.TryGetValue(name, out var mailbox))
            _mailboxes[name] = mailbox = new MailboxTimeline(name);
        return mailbox;
    }

    private TValue? Known<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, HistoryEvent happened)
        where TKey : notnull
        where TValue : class
    {
        var found = known.GetValueOrDefault(key);
        Expect(found is not null, happened, "of something that had not begun");
        return found;
    }

    private void Expect(bool isSo, HistoryEvent happened, string otherwise)
    {
        if (!isSo)
            Misfits.Add(new Violation("history", string.Create(CultureInfo.InvariantCulture, $"{happened}: {otherwise}"), happened.Index));
    }
}
