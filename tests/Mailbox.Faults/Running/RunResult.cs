using Mailbox.Faults.Checking;

namespace Mailbox.Faults.Running;

/// <summary>What one run showed.</summary>
/// <param name="Failures">What the fault expected beside, and did not find.</param>
/// <param name="HistoryFile">Kept when it failed.</param>
internal sealed record RunResult(
    Fault Fault, int Seed, CheckResult Check, IReadOnlyList<string> Failures, TimeSpan Took, string HistoryFile)
{
    public bool Passed => Check.IsClean && Failures.Count == 0;

    public static RunResult BrokeOff(Fault fault, int seed, Exception exception) => new(
        fault, seed, HistoryChecker.Check([], new CheckLimits()), [$"the run broke off: {exception}"], TimeSpan.Zero, "none");
}
