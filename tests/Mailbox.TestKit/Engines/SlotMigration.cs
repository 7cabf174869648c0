namespace Mailbox.TestKit;

/// <summary>
/// A slot that moves from one primary to another while it is in use, in the steps of the cluster specification. Until all
/// keys have moved, the old primary sends askers for what it no longer has to the new one (ASK), and a call on keys of
/// which some have moved is told to come again (TRYAGAIN).
/// </summary>
public sealed class SlotMigration
{
    private readonly RedisCluster _cluster;
    private readonly int _slot;
    private readonly RedisServer _to;

    private SlotMigration(RedisCluster cluster, int slot, RedisServer from, RedisServer to)
    {
        _cluster = cluster;
        _slot = slot;
        From = from;
        _to = to;
    }

    public RedisServer From { get; }

    /// <summary>Begins; nothing has moved yet, and keys that come to be do so on the new primary.</summary>
    public static async Task<SlotMigration> BeginAsync(RedisCluster cluster, int slot, RedisServer to)
    {
        var from = await cluster.PrimaryOfAsync(slot);
        await to.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", await cluster.IdOfAsync(from));
        await from.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", await cluster.IdOfAsync(to));
        return new SlotMigration(cluster, slot, from, to);
    }

    /// <summary>Moves up to this many keys.</summary>
    /// <returns>How many were moved: 0 when none is left.</returns>
    public async Task<int> MoveAsync(int keys)
    {
        var some = (object?[])(await From.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", _slot, keys))!;
        if (some.Length > 0)
        {
            await From.ExecuteAsync(["MIGRATE", _to.Address, _to.Port, "", 0, 5000, "KEYS", .. some.Select(key => key!)]);
        }

        return some.Length;
    }

    /// <summary>Moves what is left, and makes the new primary the owner of the slot.</summary>
    /// <param name="pause">Between one key and the next, so that the load meets a slot of which half has moved.</param>
    public async Task CompleteAsync(TimeSpan pause = default)
    {
        while (await MoveAsync(keys: 1) > 0)
        {
            await Task.Delay(pause);
        }

        // The new owner first: if the old one went first, nobody would have the slot for a moment.
        var owner = await _cluster.IdOfAsync(_to);
        await _to.ExecuteAsync("CLUSTER", "SETSLOT", _slot, "NODE", owner);
        await From.ExecuteAsync("CLUSTER", "SETSLOT", _slot, "NODE", owner);
        await _cluster.WaitForFailoverAsync(_slot, From);
    }
}
