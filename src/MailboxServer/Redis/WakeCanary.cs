using System.Diagnostics;
using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Proves that wakes arrive: it is published by the connection for commands, and heard by the one for wakes. One at a time is under way.
/// </summary>
internal sealed class WakeCanary(RedisConnection commands, RedisChannel channel, TimeSpan deadline)
{
    private TaskCompletionSource _heard = new();

    /// <summary>Of this node alone.</summary>
    public RedisChannel Channel => channel;

    /// <summary>To be called when something comes on its channel, on any thread.</summary>
    public void Heard() => Volatile.Read(ref _heard).TrySetResult();

    /// <summary>Whether it was heard in time; null when it could not be sent, which says nothing of wakes.</summary>
    /// <param name="isListening">Asked once it was sent: where nobody listens it is not waited for.</param>
    /// <param name="stop">Ends the wait with an exception.</param>
    public async Task<bool?> SendAsync(Func<bool> isListening, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _heard, heard);
        try
        {
            await commands.CallAsync(database => database.PublishAsync(channel, "1", CommandFlags.DemandMaster), stop);
        }
        catch (StoreException)
        {
            return null;
        }

        if (!isListening())
        {
            return false;
        }

        try
        {
            await heard.Task.WaitAsync(deadline, stop);
            NodeMetrics.CanaryRoundtrip.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
