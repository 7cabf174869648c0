namespace Mailbox.Faults.Checking;

/// <summary>What a run may take at most.</summary>
public sealed record CheckLimits
{
    /// <summary>After the last fault is over, everything accepted is received within this time.</summary>
    public TimeSpan CaughtUp { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the attempt to deliver until its receipt, while nothing is wrong.</summary>
    public TimeSpan WakeP99 { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many messages one opening may send again: the length of a resume.</summary>
    public int DuplicatesPerOpening { get; init; } = 200;
}
