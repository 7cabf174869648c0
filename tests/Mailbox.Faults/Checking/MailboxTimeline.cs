using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Checking;

/// <summary>Everything that happened to one mailbox.</summary>
internal sealed class MailboxTimeline
{
    private readonly Dictionary<string, Message> _messages = [];
    private HashSet<string?>? _kept;
    private Numbering? _numbering;
    private Removals? _removals;
    private List<Gap>? _gaps;

    public MailboxTimeline(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyCollection<Message> Messages => _messages.Values;

    public IEnumerable<Delivery> Deliveries => _messages.Values.SelectMany(message => message.Deliveries);

    public List<Connection> Connections { get; } = [];

    public IEnumerable<Connection> Receivers => Connections.Where(connection => !connection.IsShared);

    public List<Ack> Acks { get; } = [];

    public List<TakeBackBegan> TakeBacks { get; } = [];

    /// <summary>Told to a receiver.</summary>
    public List<ResetTold> Resets { get; } = [];

    public Kept? Kept { get; set; }

    /// <summary>Of a mailbox that nobody looked at in the end, everything must have been received.</summary>
    public bool HasReceiver => Kept?.HasReceiver ?? true;

    /// <summary>Told to a receiver.</summary>
    public IReadOnlyList<Gap> Gaps => _gaps ??= [.. Receivers.SelectMany(connection => connection.Gaps()).SelectMany(gap =>
        gap.Generation is not null ? [gap] : Numbering.GenerationsAround(gap.Event).Select(generation => gap with { Generation = generation }))];

    /// <summary>Which number is whose. Only to be asked when the whole history has been read, as all that follows.</summary>
    public Numbering Numbering => _numbering ??= new Numbering(this);

    public Removals Removals => _removals ??= new Removals(this);

    public bool Keeps(string payload) => (_kept ??= [.. Kept?.Payloads ?? []]).Contains(payload);

    public Message? Find(string payload) => _messages.GetValueOrDefault(payload);

    public Message Message(string payload)
    {
        if (!_messages.TryGetValue(payload, out var message))
            _messages[payload] = message = new Message(this, payload);
        return message;
    }
}

internal sealed class Ack(AckBegan began)
{
    public AckBegan Began { get; } = began;

    public AckEnded? Ended { get; set; }

    public bool IsAcked => Ended?.Outcome == AckEnd.Acked;
}
