using System.Buffers.Binary;
using System.Diagnostics;

namespace Mailbox.Bench.Load;

/// <summary>One thread and one epoll for all connections, of the receivers and of the senders.</summary>
internal sealed class Loop : IDisposable
{
    private readonly int _poll = Libc.NewPoll();
    private readonly byte[] _events = new byte[512 * Libc.EventSize];
    private Action<uint>?[] _ready = new Action<uint>?[1024];

    /// <summary>What any connection reads into while it has its turn.</summary>
    public byte[] Buffer { get; } = new byte[256 * 1024];

    public void Add(int descriptor, Action<uint> ready)
    {
        if (descriptor >= _ready.Length)
        {
            Array.Resize(ref _ready, descriptor * 2);
        }

        _ready[descriptor] = ready;
        Libc.Control(_poll, Libc.Add, descriptor, Libc.Readable);
    }

    public void Change(int descriptor, uint events) => Libc.Control(_poll, Libc.Change, descriptor, events);

    public void Remove(int descriptor)
    {
        _ready[descriptor] = null;
        Libc.Control(_poll, Libc.Remove, descriptor, 0);
    }

    /// <summary>Runs until the condition holds.</summary>
    /// <returns>False when the time is over first.</returns>
    public bool Run(Func<bool> until, TimeSpan patience)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        while (!until())
        {
            if (Stopwatch.GetTimestamp() >= deadline)
            {
                return false;
            }

            Turn(waitMilliseconds: 20);
        }

        return true;
    }

    public void Run(TimeSpan duration) => Run(() => false, duration);

    public void Turn(int waitMilliseconds = 0)
    {
        var count = Libc.Wait(_poll, _events, waitMilliseconds);
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * Libc.EventSize, Libc.EventSize);
            var events = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            var descriptor = BinaryPrimitives.ReadInt32LittleEndian(entry[Libc.EventDataOffset..]);
            _ready[descriptor]?.Invoke(events); // one before it in this turn may have closed it
        }
    }

    public void Dispose() => Libc.Close(_poll);
}
