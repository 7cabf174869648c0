using System.Collections.Concurrent;

namespace Mailbox.ClientTests;

/// <summary>A clock whose pauses are a thousandth of what they are said to be, and written down.</summary>
public sealed class HurriedClock : TimeProvider
{
    /// <summary>Every pause and every deadline that was asked for, in order.</summary>
    public ConcurrentQueue<TimeSpan> Asked { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Asked.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 1000 : dueTime, period);
    }
}
