using System.Runtime.InteropServices;

namespace Mailbox.Bench.Load;

/// <summary>
/// The few system calls under the loop. A .NET socket costs a thread hand-off or two for every message; on a machine of two
/// cores, what the load program takes is taken from the servers that it measures. Linux.
/// </summary>
internal static unsafe partial class Libc
{
    public const uint Readable = 0x1;
    public const uint Writable = 0x4;

    public const int Add = 1;
    public const int Remove = 2;
    public const int Change = 3;

    /// <summary>MSG_DONTWAIT, and MSG_NOSIGNAL for what is sent to somebody who is gone.</summary>
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;

    private const int Again = 11;
    private const int Interrupted = 4;

    /// <summary>struct epoll_event is packed on x86-64 and nowhere else.</summary>
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    public static readonly int EventDataOffset = EventSize - 8;

    /// <returns>Bytes read; 0 at the end; -1 when there is nothing now.</returns>
    public static int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)recv(socket, start, buffer.Length, DoNotWait);
            return count >= 0 ? count : Marshal.GetLastPInvokeError() is Again or Interrupted ? -1 : 0;
        }
    }

    /// <returns>Bytes taken, which may be none; -1 when the other side is gone.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var count = (int)send(socket, start, bytes.Length, DoNotWait | NoSignal);
            return count >= 0 ? count : Marshal.GetLastPInvokeError() is Again or Interrupted ? 0 : -1;
        }
    }

    public static int NewPoll() => epoll_create1(0x80000); // close on exec

    public static void Control(int poll, int operation, int descriptor, uint events)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(long*)(entry + EventDataOffset) = descriptor;
        if (epoll_ctl(poll, operation, descriptor, entry) != 0)
        {
            throw new InvalidOperationException($"epoll_ctl failed with {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <returns>How many events there are; 0 after the timeout.</returns>
    public static int Wait(int poll, Span<byte> events, int timeoutMilliseconds)
    {
        fixed (byte* start = events)
        {
            return Math.Max(0, epoll_wait(poll, start, events.Length / EventSize, timeoutMilliseconds));
        }
    }

    /// <summary>A descriptor that becomes readable once in each interval.</summary>
    public static int NewTimer(TimeSpan interval)
    {
        var timer = timerfd_create(1, 0x80800); // monotonic; close on exec, never blocks
        var (seconds, nanoseconds) = Math.DivRem(interval.Ticks * 100, 1_000_000_000L);
        var times = stackalloc long[] { seconds, nanoseconds, seconds, nanoseconds };
        return timer >= 0 && timerfd_settime(timer, 0, times, null) == 0
            ? timer
            : throw new InvalidOperationException($"No timer: {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Takes the expirations of a timer, so that it is not readable any more.</summary>
    public static void Clear(int timer)
    {
        long count;
        _ = read(timer, &count, sizeof(long));
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int poll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int poll, byte* events, int count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_settime(int timer, int flags, long* value, long* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
