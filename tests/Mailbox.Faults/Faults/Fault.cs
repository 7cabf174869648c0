using Mailbox.Faults.Histories;
using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>One named case of the matrix.</summary>
/// <param name="Name">As it is asked for on the command line.</param>
/// <param name="What">What happens, for the table.</param>
/// <param name="StrikeAsync">Does it and undoes it.</param>
internal sealed record Fault(string Name, string What, Func<Scene, Task> StrikeAsync)
{
    public SitePlan Site { get; init; } = new();

    public LoadPlan Load { get; init; } = new();

    /// <summary>Processes of nodes end in it, and others take their place.</summary>
    public bool EndsNodes { get; init; }

    /// <summary>What it may cost; all of it must be announced.</summary>
    public LossWindow Permits { get; init; } = LossWindow.None;

    /// <summary>With <see cref="LossWindow.RedisTail"/>.</summary>
    public TimeSpan Tail { get; init; }

    /// <summary>Everything must have arrived this long after it was undone.</summary>
    public TimeSpan CatchesUpWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Something is missing and nothing has come for so long: a sweep of the run's nodes, and some.</summary>
    public TimeSpan SilenceBeforeGivingUp { get; init; } = TimeSpan.FromSeconds(8);
}
