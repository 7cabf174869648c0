using Mailbox.Mailboxes;
using StackExchange.Redis;

namespace Mailbox.Redis;

/// <summary>
/// Deliveries that come at the same moment share a script call, and what a call costs. None waits for others to come: while
/// no call is under way a delivery goes out at once, by itself; what comes meanwhile goes together, in the order in which
/// it came. In a cluster every delivery goes by itself, as one call's keys must be of one slot. Thread-safe.
/// </summary>
/// <param name="connection">Where the calls go.</param>
/// <param name="scripts">The scripts for one, and for several.</param>
/// <param name="patience">Who has waited this long behind others is refused, as the server takes too little.</param>
internal sealed class DeliveryBatches(RedisConnection connection, RedisScripts scripts, TimeSpan patience)
{
    /// <summary>Other calls wait in Redis for as long as one takes.</summary>
    private const int MostMessages = 32;
    private const int MostBytes = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private bool _isUnderWay;

    /// <param name="keys">The mailbox's hash, list and index.</param>
    /// <param name="arguments">As <c>deliver.lua</c> takes them: the body first.</param>
    /// <param name="cancellation">Of one that goes by itself: whether it was stored is then unknown.</param>
    /// <returns>What <c>deliver.lua</c> returned.</returns>
    /// <exception cref="StoreException">No answer in time, or a fault of the store: as of any call, but for a wait behind others before.</exception>
    public async ValueTask<RedisReply> RunAsync(RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellation)
    {
        if (connection.Primaries.IsCluster)
        {
            return await RunAloneAsync(keys, arguments, cancellation);
        }

        if (Join(keys, arguments) is not { } waiting)
        {
            try
            {
                return await RunAloneAsync(keys, arguments, cancellation);
            }
            finally
            {
                _ = SendWaitingAsync();
            }
        }

        var reply = new RedisReply(await waiting.Reply.Task);
        if (reply.Failure is not { } failure)
        {
            return reply;
        }

        // What passes, like a server that is no primary any more, was said before anything was written.
        if (RedisFaults.IsPassing(failure))
        {
            return await RunAloneAsync(keys, arguments, cancellation);
        }

        NodeMetrics.ScriptFailed(scripts.Deliver.Name);
        throw RedisFaults.OfRefusal(failure);
    }

    /// <summary>Null when there is no need to wait: the caller sends its own, and then what waits.</summary>
    private Waiting? Join(RedisKey[] keys, RedisValue[] arguments)
    {
        lock (_gate)
        {
            if (!_isUnderWay)
            {
                _isUnderWay = true;
                return null;
            }

            var waiting = new Waiting(keys, arguments, Environment.TickCount64 + (long)patience.TotalMilliseconds);
            _waiting.Enqueue(waiting);
            return waiting;
        }
    }

    private async ValueTask<RedisReply> RunAloneAsync(RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellation) =>
        new(await connection.RunAsync(scripts.Deliver, keys, arguments, cancellation));

    /// <summary>One batch after the other, until nothing waits.</summary>
    private async Task SendWaitingAsync()
    {
        while (NextBatch() is { } batch)
        {
            try
            {
                if (batch.Count == 1)
                {
                    batch[0].Reply.SetResult(await connection.RunAsync(scripts.Deliver, batch[0].Keys, batch[0].Arguments, CancellationToken.None));
                    continue;
                }

                var replies = (RedisResult[]?)await connection.RunAsync(
                    scripts.DeliverBatch, KeysOf(batch), ArgumentsOf(batch), CancellationToken.None);
                for (var i = 0; i < batch.Count; i++)
                {
                    batch[i].Reply.SetResult(replies![i]);
                }
            }
            catch (Exception exception)
            {
                batch.ForEach(waiting => waiting.Reply.TrySetException(exception));
            }
        }
    }

    /// <summary>What goes next; null when nothing waits, by which the way is free again.</summary>
    private List<Waiting>? NextBatch()
    {
        var now = Environment.TickCount64;
        lock (_gate)
        {
            while (_waiting.TryPeek(out var late) && late.Until < now)
            {
                _waiting.Dequeue().Reply.SetException(new StoreException(StoreFault.Unavailable, "Redis does not answer."));
            }

            if (_waiting.Count == 0)
            {
                _isUnderWay = false;
                return null;
            }

            var batch = new List<Waiting>(Math.Min(_waiting.Count, MostMessages));
            var bytes = 0L;
            while (batch.Count < MostMessages && _waiting.TryPeek(out var next) &&
                (batch.Count == 0 || bytes + next.Bytes <= MostBytes))
            {
                bytes += next.Bytes;
                batch.Add(_waiting.Dequeue());
            }

            return batch;
        }
    }

    private static RedisKey[] KeysOf(List<Waiting> batch)
    {
        var keys = new List<RedisKey>(batch.Count * 3);
        batch.ForEach(waiting => keys.AddRange(waiting.Keys));
        return [.. keys];
    }

    private static RedisValue[] ArgumentsOf(List<Waiting> batch)
    {
        var arguments = new RedisValue[batch.Sum(waiting => 1 + waiting.Arguments.Length)];
        var at = 0;
        foreach (var waiting in batch)
        {
            arguments[at++] = waiting.Arguments.Length;
            waiting.Arguments.CopyTo(arguments, at);
            at += waiting.Arguments.Length;
        }

        return arguments;
    }

    private sealed record Waiting(RedisKey[] Keys, RedisValue[] Arguments, long Until)
    {
        public TaskCompletionSource<RedisResult> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes => ((byte[]?)Arguments[0])!.Length;
    }
}
