using System.Diagnostics;

namespace Mailbox.Bench.Load;

/// <summary>What arrived, and whether it is what was sent: every message once and in its mailbox's order.</summary>
internal sealed class Arrivals(int mailboxes)
{
    private readonly int[] _next = new int[mailboxes];
    private int[] _microseconds = new int[64 * 1024];
    private int _samples;

    public long Count { get; private set; }

    public long LastAt { get; private set; }

    /// <summary>The first thing that was wrong; null when nothing was.</summary>
    public string? Fault { get; private set; }

    public void Add(Stamp stamp, int mailbox, bool isWhole)
    {
        LastAt = Stopwatch.GetTimestamp();
        Count++;
        if (!isWhole || (stamp.Mailbox != mailbox && stamp.Mailbox != Stamp.Any))
        {
            Break($"mailbox {mailbox} received what is not its message: {stamp}");
            return;
        }

        if (stamp.Number != _next[mailbox])
        {
            Break($"mailbox {mailbox} received number {stamp.Number} where {_next[mailbox]} was due");
        }

        _next[mailbox] = stamp.Number + 1;
        if (_samples == _microseconds.Length)
        {
            Array.Resize(ref _microseconds, _samples * 2);
        }

        _microseconds[_samples++] = (int)((LastAt - stamp.Time) * 1_000_000 / Stopwatch.Frequency);
    }

    public void Break(string fault) => Fault ??= fault;

    /// <summary>Forgets the latencies so far: they belong to the warm-up.</summary>
    public void ForgetLatencies() => _samples = 0;

    /// <returns>Milliseconds from when a message was sent, or should have been.</returns>
    public double Latency(double share)
    {
        if (_samples == 0)
        {
            return double.NaN;
        }

        Array.Sort(_microseconds, 0, _samples);
        return _microseconds[Math.Min(_samples - 1, (int)(_samples * share))] / 1000.0;
    }
}
