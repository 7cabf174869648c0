namespace Mailbox.Bench.Cases;

/// <summary>How long a run takes.</summary>
internal sealed record Scale
{
    public bool IsShort { get; init; }

    public int Rounds { get; init; } = 3;

    public int Senders { get; init; } = 32;

    /// <summary>Before the first measurement on a server: its compiler needs that long.</summary>
    public TimeSpan FirstWarmUp => TimeSpan.FromSeconds(IsShort ? 5 : 12);

    /// <summary>Before every other one.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsShort ? 0.3 : 1);

    /// <summary>Of each measurement; null for what is usual.</summary>
    public int? Seconds { get; init; }

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds ?? (IsShort ? 2.5 : 6));
}
