using Mailbox.Faults.Checking;

namespace Mailbox.Faults.Running;

/// <summary>What one run showed.</summary>
/// <param name="Failures">What the fault expected beside, and did not find.</param>
/// <param name="HistoryFile">Kept when it failed.</param>
internal sealed record RunResult(
    Fault Fault, int Seed, CheckResult Check, IReadOnlyList<string> Failures, TimeSpan Took, string HistoryFile)
{
    /// <summary>False when it broke off: what its check says is of an empty history.</summary>
    public bool WasRun { get; private init; } = true;

    /// <summary>Deliveries whose producer asked again and again, and never got an answer.</summary>
    public int UnsureWithKey { get; init; }

    public Reconnects Reconnects { get; init; } = Reconnects.None;

    public bool Passed => Check.IsClean && Failures.Count == 0;

    public static RunResult BrokeOff(Fault fault, int seed, Exception exception) => new(
        fault, seed, HistoryChecker.Check([], new CheckLimits()), [$"the run broke off: {exception}"], TimeSpan.Zero, "none")
    {
        WasRun = false,
    };
}
