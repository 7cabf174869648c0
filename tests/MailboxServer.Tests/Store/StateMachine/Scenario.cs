using FsCheck;
using FsCheck.Fluent;

namespace MailboxServer.Tests.Store.StateMachine;

/// <summary>What a step does. How often each comes is in <see cref="Scenario"/>.</summary>
public enum Act
{
    Deliver,
    Function,
    Bare,
    BareBurst,
    BareShortLived,
    BareMalformed,
    BareOversize,
    Take,
    Ack,
    AckBeyond,
    Open,
    OpenNow,
    OpenShared,
    Resume,
    Leave,
    Dismiss,
    TakeBack,
    Peek,
    Info,
    Pause,
    Remove,
    LoseList,
    ExpireList,
    LoseAndRefillList,
    LoseHash,
    LoseIndex,
    Snapshot,
    FailOver,
    Restart,
}

/// <summary>One step. What the numbers choose depends on the act and on what is there when it runs.</summary>
public sealed record ScenarioStep(Act Act, int A, int B)
{
    public override string ToString() => $"{Act}({A},{B})";
}

/// <summary>A random interleaving of everything that can happen to one mailbox.</summary>
public sealed record Scenario(bool HasFaults, IReadOnlyList<ScenarioStep> Steps)
{
    private static readonly (Act Act, int Weight)[] Weights =
    [
        (Act.Deliver, 220), (Act.Function, 80), (Act.Bare, 80), (Act.BareBurst, 25), (Act.BareShortLived, 70),
        (Act.BareMalformed, 20), (Act.BareOversize, 12),
        (Act.Take, 220), (Act.Ack, 90), (Act.AckBeyond, 10),
        (Act.Open, 25), (Act.OpenNow, 10), (Act.OpenShared, 12), (Act.Resume, 45), (Act.Leave, 20), (Act.Dismiss, 4),
        (Act.TakeBack, 40), (Act.Peek, 20), (Act.Info, 10), (Act.Pause, 25), (Act.Remove, 2),
        (Act.LoseList, 4), (Act.ExpireList, 3), (Act.LoseAndRefillList, 4), (Act.LoseHash, 4), (Act.LoseIndex, 5),
        (Act.Snapshot, 25), (Act.FailOver, 20), (Act.Restart, 8),
    ];

    public static Arbitrary<Scenario> Arbitrary(int steps)
    {
        var step = Gen.Frequency(Weights.Select(one => (one.Weight, Gen.Constant(one.Act))))
            .SelectMany(act => Gen.Choose(0, 999), (act, a) => (act, a))
            .SelectMany(chosen => Gen.Choose(0, 999), (chosen, b) => new ScenarioStep(chosen.act, chosen.a, b));
        var scenario = Gen.Choose(0, 2)
            .SelectMany(faults => step.ArrayOf(steps), (faults, all) => new Scenario(faults > 0, all));
        return Arb.From(scenario, Shrink);
    }

    public override string ToString() => $"faults: {HasFaults}; {string.Join(" ", Steps)}";

    /// <summary>Fewer steps: halves first, single ones last.</summary>
    private static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        for (var length = scenario.Steps.Count / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= scenario.Steps.Count; at += length)
            {
                yield return scenario with { Steps = [.. scenario.Steps.Take(at), .. scenario.Steps.Skip(at + length)] };
            }
        }
    }
}
