using System.Diagnostics;
using System.Text;
using Mailbox.Bench.Peers;

namespace Mailbox.Bench.Load;

/// <summary>
/// Mailboxes with fresh names on one peer, their receivers and their senders. A mailbox belongs to one sender, so that the
/// order of its messages is known.
/// </summary>
internal sealed class Traffic : IDisposable
{
    /// <summary>Opens that wait for their answer at one time: fewer than a server's backlog, past which a connect takes 1 s.</summary>
    private const int MostOpening = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _count;

    private readonly Peer _peer;
    private readonly int _bodyLength;
    private readonly byte[][] _heads;
    private readonly int[] _sent;
    private readonly HttpSender[] _senders;
    private readonly Receiver?[] _receivers;
    private bool _isSaturating;

    public Traffic(Peer peer, int mailboxes, int bodyLength, int senders)
    {
        _peer = peer;
        _bodyLength = bodyLength;
        var prefix = $"b{Interlocked.Increment(ref _count)}-";
        Names = [.. Enumerable.Range(0, mailboxes).Select(i => $"{prefix}{i:00000}")];
        Arrivals = new Arrivals(mailboxes);
        _heads = [.. Names.Select(name => Encoding.ASCII.GetBytes(
            $"POST {peer.DeliverTarget(name)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {bodyLength}\r\n\r\n"))];
        _sent = new int[mailboxes];
        _receivers = new Receiver?[mailboxes];
        _senders = [.. Enumerable.Range(0, Math.Min(senders, mailboxes))
            .Select(i => new HttpSender(Loop, peer.Port, Arrivals, OnAnswered) { Turn = i })];
    }

    public IReadOnlyList<string> Names { get; }

    public Loop Loop { get; } = new();

    public Arrivals Arrivals { get; }

    public long Sent { get; private set; }

    private bool IsIdle => Arrivals.Fault is not null || _senders.All(sender => !sender.IsBusy && sender.Waiting.Count == 0);

    /// <summary>Opens one receiver for each of the first mailboxes, and waits until all are open.</summary>
    public void Open(Transport transport, int? count = null, bool keepCursors = false, IReadOnlyList<string?>? cursors = null)
    {
        var opening = new Queue<Receiver>();
        for (var i = 0; i < (count ?? Names.Count); i++)
        {
            opening.Enqueue(OpenOne(i, transport, keepCursors, cursors?[i]));
            Loop.Turn();
            Wait(() => StillOpening(opening) < MostOpening, "the receivers open");
        }

        Wait(() => StillOpening(opening) == 0, "the receivers are open");
    }

    public Receiver OpenOne(int mailbox, Transport transport, bool keepsCursor = false, string? cursor = null)
    {
        var opening = _peer.Opening(Names[mailbox], transport, cursor) with { KeepsCursor = keepsCursor };
        return _receivers[mailbox] = Receiver.Open(Loop, _peer.Port, opening, Arrivals, mailbox, _bodyLength);
    }

    public IReadOnlyList<string?> Cursors() => [.. _receivers.Select(receiver => receiver?.Cursor)];

    public void CloseReceivers()
    {
        foreach (var receiver in _receivers)
        {
            receiver?.Dispose();
        }

        Array.Clear(_receivers);
    }

    /// <summary>Every sender delivers its next message when it has the answer to the last.</summary>
    public void Saturate(TimeSpan duration)
    {
        _isSaturating = true;
        Array.ForEach(_senders, DeliverNext);
        Loop.Run(() => Arrivals.Fault is not null, duration);
        _isSaturating = false;
        Wait(() => IsIdle, "every delivery is answered");
    }

    /// <summary>
    /// So many deliveries a second, in turn to every mailbox. One that finds its sender busy waits, and that counts: its
    /// latency is from when it should have been sent.
    /// </summary>
    public void AtRate(int rate, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var total = (long)(rate * duration.TotalSeconds);
        var issued = 0L;
        var timer = Libc.NewTimer(TimeSpan.FromSeconds(Math.Max(1.0 / rate, 0.000_25)));
        Loop.Add(timer, _ =>
        {
            Libc.Clear(timer);
            var due = Math.Min(total, (Stopwatch.GetTimestamp() - start) * rate / Stopwatch.Frequency);
            for (; issued < due; issued++)
            {
                var mailbox = (int)(issued % Names.Count);
                Deliver(mailbox, start + (issued * Stopwatch.Frequency / rate));
            }
        });
        Loop.Run(() => issued == total || Arrivals.Fault is not null, duration + Patience);
        Loop.Remove(timer);
        Libc.Close(timer);
        Wait(() => IsIdle, "every delivery is answered");
    }

    /// <summary>So many messages into every mailbox.</summary>
    public void Fill(int each)
    {
        for (var i = 0; i < each * Names.Count; i++)
        {
            Deliver(i % Names.Count, Stopwatch.GetTimestamp());
        }

        Wait(() => IsIdle, "every mailbox is filled", patience: 4);
    }

    /// <summary>Waits until all that was sent has arrived.</summary>
    public void Drain(long? expected = null) =>
        Wait(() => Arrivals.Count >= (expected ?? Sent), "every message has arrived");

    public void Dispose()
    {
        CloseReceivers();
        Array.ForEach(_senders, sender => sender.Dispose());
        Loop.Dispose();
    }

    private static int StillOpening(Queue<Receiver> opening)
    {
        while (opening.TryPeek(out var first) && first.IsOpen)
        {
            opening.Dequeue();
        }

        return opening.Count;
    }

    public void Wait(Func<bool> until, string what, int patience = 1)
    {
        if (!Loop.Run(() => Arrivals.Fault is not null || until(), Patience * patience))
        {
            Arrivals.Break($"within {Patience * patience} it did not come to be that {what} ({Arrivals.Count} of {Sent} arrived)");
        }
    }

    private void Deliver(int mailbox, long time)
    {
        var sender = _senders[mailbox % _senders.Length];
        if (sender.IsBusy)
        {
            sender.Waiting.Enqueue((mailbox, time));
        }
        else
        {
            Deliver(sender, mailbox, time);
        }
    }

    private void Deliver(HttpSender sender, int mailbox, long time)
    {
        Sent++;
        sender.Deliver(_heads[mailbox], new Stamp(time, mailbox, _sent[mailbox]++), _bodyLength);
    }

    private void DeliverNext(HttpSender sender)
    {
        var mailbox = sender.Turn;
        sender.Turn = mailbox + _senders.Length < Names.Count ? mailbox + _senders.Length : mailbox % _senders.Length;
        Deliver(sender, mailbox, Stopwatch.GetTimestamp());
    }

    private void OnAnswered(HttpSender sender)
    {
        if (sender.Waiting.TryDequeue(out var next))
        {
            Deliver(sender, next.Mailbox, next.Time);
        }
        else if (_isSaturating)
        {
            DeliverNext(sender);
        }
    }
}
