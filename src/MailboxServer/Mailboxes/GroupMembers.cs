namespace Mailbox.Mailboxes;

/// <summary>Delivers one message to several members of a group, each by itself, many at once but no more than a node may. Thread-safe.</summary>
internal sealed class GroupMembers(IMailboxStore store, MailboxOptions options) : IDisposable
{
    /// <summary>Of all groups of this node: other deliveries wait behind these.</summary>
    private const int AtOnce = 128;

    /// <summary>What is only for who is present is late after this.</summary>
    private static readonly TimeSpan NowOrNever = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>A member's Redis that is away may be back soon: but the others behind it wait as well.</summary>
    private readonly TimeSpan _patience = options.Redis.Deadline * 2;

    /// <summary>The delivery with what is left of its life; null when that is over.</summary>
    public static Delivery? LeftOf(GroupMessage message, DateTimeOffset now)
    {
        var delivery = message.Delivery;
        if (delivery.TimeToLive is not { } ttl)
        {
            return delivery;
        }

        // The clocks of this node and of Redis may differ: what has just come is not over.
        var age = Math.Max(0, (long)(now - message.Time).TotalSeconds);
        return ttl == 0 ? (age <= NowOrNever.TotalSeconds ? delivery : null)
            : age < ttl ? delivery with { TimeToLive = ttl - age }
            : null;
    }

    public static GroupTally TallyOf(IReadOnlyCollection<GroupMemberResult> results)
    {
        var tally = new GroupTally();
        foreach (var result in results)
        {
            tally = (result.Delivered, result.Fault) switch
            {
                ({ Outcome: DeliveryOutcome.Stored or DeliveryOutcome.Replayed, Connected: true }, _) => tally with { Delivered = tally.Delivered + 1 },
                ({ Outcome: DeliveryOutcome.Stored or DeliveryOutcome.Replayed }, _) => tally with { Waiting = tally.Waiting + 1 },
                ({ Outcome: DeliveryOutcome.Absent }, _) => tally with { Absent = tally.Absent + 1 },
                ({ Outcome: DeliveryOutcome.Full }, _) or (null, StoreFault.Full or StoreFault.TenantFull) => tally with { Full = tally.Full + 1 },
                _ => tally with { Failed = tally.Failed + 1 },
            };
        }

        return tally;
    }

    public void Dispose() => _places.Dispose();

    /// <summary>In the order of the names. Who cannot be reached at once is tried again after all others were.</summary>
    public async Task<GroupMemberResult[]> DeliverAsync(
        IReadOnlyList<string> names, Delivery delivery, GroupWork work, CancellationToken stop)
    {
        var results = await Task.WhenAll(names.Select(name => DeliverAsync(name, delivery)));
        var until = Environment.TickCount64 + (work.IsImpatient ? 0 : (long)_patience.TotalMilliseconds);
        while (Array.Exists(results, IsSilent) && Environment.TickCount64 < until && !stop.IsCancellationRequested)
        {
            await Task.Delay(Retry, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            results = await Task.WhenAll(results.Select(
                result => IsSilent(result) ? DeliverAsync(result.Mailbox, delivery) : Task.FromResult(result)));
        }

        work.IsImpatient = Array.Exists(results, IsSilent);
        return results;
    }

    private static bool IsSilent(GroupMemberResult result) => result is { Delivered: null, Fault: StoreFault.Unavailable };

    private async Task<GroupMemberResult> DeliverAsync(string mailbox, Delivery delivery)
    {
        await _places.WaitAsync();
        Delivered? delivered = null;
        try
        {
            delivered = await store.DeliverAsync(mailbox, delivery, CancellationToken.None);
            return new GroupMemberResult(mailbox, delivered, default);
        }
        catch (StoreException exception)
        {
            return new GroupMemberResult(mailbox, null, exception.Fault);
        }
        finally
        {
            _places.Release();
            NodeMetrics.Delivery(delivered?.Outcome, NodeMetrics.Group);
        }
    }
}
