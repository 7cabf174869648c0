namespace Mailbox.Faults.Checking;

/// <summary>A run in one line.</summary>
/// <param name="Received">Distinct payloads.</param>
/// <param name="Lost">Accepted, not removed on purpose, and neither received nor kept for a receiver that may still come.</param>
/// <param name="Announced">Of those, the ones that a permitted gap or reset covers.</param>
/// <param name="Duplicates">Receipts after a payload's first, watchers apart.</param>
/// <param name="WakeP50">Milliseconds, outside faults; NaN when nothing was measured.</param>
/// <param name="CaughtUp">From the end of the last fault until all that was accepted before had been received; null without one.</param>
public sealed record Figures(
    int Attempted,
    int Accepted,
    int Unknown,
    int Refused,
    int Received,
    int Lost,
    int Announced,
    int Duplicates,
    int Gaps,
    int Resets,
    double WakeP50,
    double WakeP99,
    TimeSpan? CaughtUp);
