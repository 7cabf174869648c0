using FsCheck;
using FsCheck.Fluent;
using Mailbox.Faults.Checking;
using Mailbox.Faults.Histories;

namespace Mailbox.Faults.Tests;

/// <summary>Runs that were made up: the checker objects to none of them, and to every one in which a single thing is changed.</summary>
public sealed class GeneratedTests
{
    private static readonly CheckLimits Limits = new() { DuplicatesPerOpening = 100_000 };

    [Fact]
    public void A_run_that_keeps_every_promise_is_clean() => ForAll(Gen.Choose(0, int.MaxValue - 1), seed =>
        Check(SimulatedRun.Of(seed, steps: 2_000)).ShouldBeEmpty($"seed {seed}"));

    [Fact]
    public void A_long_run_is_clean() => Check(SimulatedRun.Of(seed: 1, steps: 200_000)).ShouldBeEmpty();

    [Theory]
    [InlineData(nameof(Corruption.NeverCame))]
    [InlineData(nameof(Corruption.CameTwice))]
    [InlineData(nameof(Corruption.ChangedPlaces))]
    [InlineData(nameof(Corruption.ChangedPayloads))]
    [InlineData(nameof(Corruption.ChangedNumber))]
    [InlineData(nameof(Corruption.WasRefused))]
    [InlineData(nameof(Corruption.ResumedElsewhere))]
    [InlineData(nameof(Corruption.CameAfterItsAck))]
    [InlineData(nameof(Corruption.AcknowledgedFromBehind))]
    public void A_run_with_one_thing_changed_is_not(string name)
    {
        var corrupt = typeof(Corruption).GetMethod(name)!.CreateDelegate<Func<IReadOnlyList<HistoryEvent>, Random, IEnumerable<HistoryEvent>?>>();
        var changed = 0;
        ForAll(Gen.Choose(0, int.MaxValue - 1), seed =>
        {
            if (corrupt(SimulatedRun.Of(seed, steps: 500, isPlain: true), new Random(seed)) is not { } history)
                return;
            Check(Number(history)).ShouldNotBeEmpty($"seed {seed}");
            changed++;
        });
        changed.ShouldBeGreaterThan(10, "hardly a run had anything to change");
    }

    private static void ForAll(Gen<int> seeds, Action<int> check) =>
        Prop.ForAll(seeds.ToArbitrary(), check).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(4711, 4713));

    private static IReadOnlyList<Violation> Check(IReadOnlyList<HistoryEvent> history) => HistoryChecker.Check(history, Limits).Violations;

    private static List<HistoryEvent> Number(IEnumerable<HistoryEvent> history) =>
        [.. history.Select((happened, index) => happened with { Index = index, At = index * 0.01 })];
}
