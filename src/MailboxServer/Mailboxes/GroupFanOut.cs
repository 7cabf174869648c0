using Mailbox.Contracts;

namespace Mailbox.Mailboxes;

/// <summary>
/// Takes what waits in the outboxes of groups to each member, as an ordinary delivery. Of a group one node at a time has the
/// work, under a lease, one delivery after the other; what it has reached is noted as it goes, and each member's delivery has an
/// idempotency key, so that another node goes on where one died. Thread-safe.
/// </summary>
internal sealed partial class GroupFanOut(IGroupStore groups, GroupMembers members, ILogger<GroupFanOut> logger) : IDisposable
{
    private const int GroupsAtOnce = 16;

    /// <summary>So many names at most wait for their turn; what is over is found by the next sweep.</summary>
    private const int MostGroups = 10_000;

    /// <summary>Another node has the work: asking more often than this would cost more than it tells.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GroupWork> _work = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turns = new(GroupsAtOnce);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Something may wait in this group's outbox.</summary>
    public void Wake(string group)
    {
        lock (_gate)
        {
            if (_work.TryGetValue(group, out var known))
            {
                known.Wake();
            }
            else if (_work.Count < MostGroups && !_stop.IsCancellationRequested)
            {
                var work = new GroupWork(group);
                _work.Add(group, work);
                work.Running = Task.Run(() => RunAsync(work));
            }
        }
    }

    /// <summary>Ends with the members that are being delivered to; other nodes go on.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_gate)
        {
            running = [.. _work.Values.Select(work => work.Running)];
        }

        await Task.WhenAll(running);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _turns.Dispose();
    }

    private async Task RunAsync(GroupWork work)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                work.Begin();
                switch (await DrainInTurnAsync(work))
                {
                    case null when TryEnd(work):
                        return;
                    case { Ticks: > 0 } wait:
                        await work.WaitAsync(Pause, wait + Pause, _stop.Token);
                        break;
                }
            }
        }
        catch (StoreException)
        {
            // The store's silence is said elsewhere. The next wake or sweep begins anew, where this one got to.
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The node ends. What was under way goes on elsewhere.
        }
        catch (Exception exception)
        {
            Log.Unexpected(logger, FailureText.Of(exception));
        }

        End(work);
    }

    private async Task<TimeSpan?> DrainInTurnAsync(GroupWork work)
    {
        await _turns.WaitAsync(_stop.Token);
        try
        {
            return await DrainAsync(work);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Null when nothing waits; else after how long to ask again.</summary>
    private async Task<TimeSpan?> DrainAsync(GroupWork work)
    {
        var group = work.Group;
        GroupMessage? message = null;
        GroupDone? done = null;
        while (true)
        {
            var turn = await groups.TurnAsync(group, done, CancellationToken.None);
            switch (turn.Kind)
            {
                case GroupTurnKind.Nothing:
                    return null;
                case GroupTurnKind.Busy:
                    return turn.Wait;
                case GroupTurnKind.Members:
                    message = done is null ? turn.Message : message;
                    break;
                case GroupTurnKind.Done when _turns.CurrentCount == 0:
                    return TimeSpan.Zero; // other groups wait for their turn
                default:
                    (message, done) = (null, null);
                    continue;
            }

            if (_stop.IsCancellationRequested)
            {
                await groups.YieldAsync(group, CancellationToken.None);
                return null;
            }

            done = await ReachAsync(work, turn, message);
        }
    }

    private async Task<GroupDone> ReachAsync(GroupWork work, GroupTurn turn, GroupMessage? message)
    {
        if (message is null)
        {
            Log.Malformed(logger);
            return new GroupDone(turn with { Names = [] }, default, [], GroupDeliveryStates.Malformed);
        }

        if (GroupMembers.LeftOf(message, turn.Now) is not { } delivery)
        {
            return new GroupDone(turn with { Names = [] }, default, [], GroupDeliveryStates.Expired);
        }

        var results = await members.DeliverAsync(turn.Names, delivery, work, _stop.Token);
        return new GroupDone(turn, GroupMembers.TallyOf(results), message.KeepsResults ? results : [], null);
    }

    /// <summary>False when it was woken since it began: then it asks again.</summary>
    private bool TryEnd(GroupWork work)
    {
        lock (_gate)
        {
            return !work.IsWoken && _work.Remove(work.Group);
        }
    }

    private void End(GroupWork work)
    {
        lock (_gate)
        {
            _work.Remove(work.Group);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1701, LogLevel.Warning, "An entry in a group's outbox is no message, or too large; it goes to nobody.")]
        public static partial void Malformed(ILogger logger);

        [LoggerMessage(1702, LogLevel.Error, "A delivery to a group failed unexpectedly; the next sweep goes on.\n{Failure}")]
        public static partial void Unexpected(ILogger logger, string failure);
    }
}
