using System.Threading.RateLimiting;

namespace Mailbox.Endpoints;

/// <summary>
/// How often one caller may open and deliver on this node. Callers fall into slots by a hash that nobody else knows: the
/// memory is bounded by the slots however many there are, and an idle slot is dropped after ten seconds. Two callers
/// share a slot in one of 65,536 cases. Thread-safe.
/// </summary>
internal sealed class CallerRates(MailboxOptions options) : IDisposable
{
    private const int Slots = 65_536;

    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(20);

    private readonly PartitionedRateLimiter<string>? _opens = Make(options.Limits.OpensPerSecond, options.Limits.OpenBurst);
    private readonly PartitionedRateLimiter<string>? _deliveries = Make(options.Limits.DeliveriesPerSecond, options.Limits.DeliveryBurst);

    /// <summary>Null when it may.</summary>
    public Problem? RefusalOfOpen(string caller, int mailboxes = 1) =>
        RefusalOf(_opens, caller, Math.Min(mailboxes, options.Limits.OpenBurst), "opens");

    /// <summary>Refuses a call before its body is read; its first recipient is counted.</summary>
    /// <exception cref="ProblemException">429.</exception>
    public void TakeDelivery(HttpContext http) => TakeDeliveries(http, 1);

    /// <exception cref="ProblemException">429: there is not room for all of them; none was counted.</exception>
    public void TakeDeliveries(HttpContext http, int count)
    {
        if (_deliveries is not null && count > 0 && RefusalOf(_deliveries, Callers.Of(http), count, "deliveries") is { } problem)
        {
            throw new ProblemException(problem);
        }
    }

    /// <summary>Waits until there is room for so many, where what comes can be held up instead of being refused.</summary>
    public async ValueTask WaitForDeliveriesAsync(HttpContext http, int count, CancellationToken cancellation)
    {
        var caller = Callers.Of(http);
        while (_deliveries is not null)
        {
            using var lease = _deliveries.AttemptAcquire(caller, count);
            if (lease.IsAcquired)
            {
                return;
            }

            var after = lease.TryGetMetadata(MetadataName.RetryAfter, out var told) ? told : TimeSpan.Zero;
            await Task.Delay(after > LeastWait ? after : LeastWait, cancellation);
        }
    }

    public void Dispose()
    {
        _opens?.Dispose();
        _deliveries?.Dispose();
    }

    private static Problem? RefusalOf(PartitionedRateLimiter<string>? rates, string caller, int count, string what)
    {
        if (rates is null)
        {
            return null;
        }

        using var lease = rates.AttemptAcquire(caller, count);
        return lease.IsAcquired ? null
            : Problem.TooManyRequests(what, lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero);
    }

    private static PartitionedRateLimiter<string>? Make(int perSecond, int burst)
    {
        if (perSecond == 0)
        {
            return null;
        }

        // Ten times a second, or as often as one more may.
        var tokens = Math.Max(1, perSecond / 10);
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = 0,
            AutoReplenishment = false, // by the one timer of all slots
        };
        Func<int, RateLimiter> make = _ => new TokenBucketRateLimiter(bucket);
        return PartitionedRateLimiter.Create<string, int>(
            caller => RateLimitPartition.Get(caller.GetHashCode(StringComparison.Ordinal) & (Slots - 1), make));
    }
}
