using Mailbox.Bench.Load;
using Mailbox.Bench.Measuring;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Cases;

/// <summary>One question, and how it is measured.</summary>
internal abstract class Case(string name, string what)
{
    public const int UsualBody = 200;
    public const int UsualMailboxes = 500;

    public string Name => name;

    public string What => what;

    /// <summary>Whether it belongs to the two minutes that later changes are held against.</summary>
    public virtual bool IsInShort => false;

    public virtual IReadOnlyList<PeerKind> Peers { get; } = [PeerKind.Mailbox, PeerKind.Nchan, PeerKind.SignalR, PeerKind.Floor];

    /// <summary>Whether every measurement has a new process: memory is not given back.</summary>
    public virtual bool NeedsFreshPeer => false;

    public abstract IReadOnlyList<Metric> Columns { get; }

    public abstract IReadOnlyList<Point> Points(Scale scale);

    public virtual PeerOptions Adjust(PeerOptions options) => options;

    /// <summary>Whether this peer can do that at all.</summary>
    public virtual bool CanDo(PeerKind kind, Point point) => true;

    /// <returns>The figures, and what was wrong with them; null when nothing was.</returns>
    public abstract (IReadOnlyDictionary<Metric, double> Values, string? Fault) Measure(Peer peer, Point point, Scale scale);

    /// <summary>One message after the other to many mailboxes with a receiver each; rate 0 is as fast as they are answered.</summary>
    protected static (IReadOnlyDictionary<Metric, double> Values, string? Fault) Steady(
        Peer peer, Scale scale, int rate = 0, int mailboxes = UsualMailboxes, int bodyLength = UsualBody, Transport transport = Transport.Sse)
    {
        using var traffic = new Traffic(peer, mailboxes, bodyLength, scale.Senders);
        traffic.Open(transport);
        traffic.Fill(1);
        traffic.Saturate(peer.IsWarm ? scale.WarmUp : scale.FirstWarmUp);
        traffic.Drain();
        peer.IsWarm = true;

        Meter.Settle(peer);
        traffic.Arrivals.ForgetLatencies();
        var before = traffic.Arrivals.Count;
        var meter = Meter.Start(peer);
        if (rate == 0)
        {
            traffic.Saturate(scale.Duration);
        }
        else
        {
            traffic.AtRate(rate, scale.Duration);
        }

        traffic.Drain();
        return (meter.Read(traffic.Arrivals.Count - before, traffic.Arrivals), traffic.Arrivals.Fault);
    }
}
