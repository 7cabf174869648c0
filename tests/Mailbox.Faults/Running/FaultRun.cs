using Mailbox.Faults.Checking;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Running;

/// <summary>One fault: load, strike, heal, wait until everybody has caught up, look at what is left, judge.</summary>
internal sealed class FaultRun(Fault fault, Site site, int seed, bool isShort, string directory)
{
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(2);

    public async Task<RunResult> RunAsync()
    {
        var file = Path.Combine(directory, $"{fault.Name}-{seed}.jsonl");
        RunResult result;
        using (var history = new History(file))
        {
            result = await RunAsync(history, file);
        }

        if (result.Passed)
        {
            File.Delete(file);
        }

        return result;
    }

    private static int UnsureWithKey(IReadOnlyList<HistoryEvent> events)
    {
        var keyed = events.OfType<DeliverBegan>().Where(began => began.IsKeyed).Select(began => began.Op).ToHashSet();
        return events.OfType<DeliverEnded>().Count(ended => ended.Outcome == DeliverOutcome.Unknown && keyed.Contains(ended.Op));
    }

    private async Task<RunResult> RunAsync(History history, string file)
    {
        using var load = new Load(site, history, fault.Load, seed);
        var scene = new Scene(site, load, history, seed, isShort);
        load.Start();
        try
        {
            await Task.Delay(Steady);
            history.Add(new FaultBegan(fault.Name, fault.Permits, fault.Tail.TotalMilliseconds));
            try
            {
                await fault.StrikeAsync(scene);
            }
            catch (Exception exception)
            {
                scene.Failures.Add($"the fault itself failed: {exception}");
            }

            history.Add(new FaultEnded(fault.Name));
            await Task.Delay(Steady);
            await load.SettleAsync(fault.SilenceBeforeGivingUp, fault.CatchesUpWithin + fault.SilenceBeforeGivingUp);
            history.Add(new Quiet());
            await Dump.WriteAsync(site, load.Mailboxes, history);
        }
        finally
        {
            await load.StopAsync();
        }

        if (!site.IsElsewhere)
        {
            await ResidueCheck.RunAsync(site.Redis, load.Mailboxes, history);
        }

        var events = history.Snapshot();
        var check = HistoryChecker.Check(events, new CheckLimits { CaughtUp = fault.CatchesUpWithin, WakeP99 = TimeSpan.FromSeconds(3) });
        return new RunResult(fault, seed, check, scene.Failures, history.Elapsed, file)
        {
            Reconnects = Reconnects.Read(events),
            UnsureWithKey = UnsureWithKey(events),
        };
    }
}
