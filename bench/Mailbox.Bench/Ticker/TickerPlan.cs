namespace Mailbox.Bench.Ticker;

/// <summary>How large a ticker, and how fast.</summary>
internal sealed record TickerPlan
{
    public int Members { get; init; } = 2_000;

    public int Symbols { get; init; } = 20;

    public int QuotesPerSecond { get; init; } = 200;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>One reader of so many is slow.</summary>
    public int OneSlowIn { get; init; } = 20;

    /// <summary>How long a slow one takes for a quote.</summary>
    public TimeSpan SlowFor { get; init; } = TimeSpan.FromSeconds(1);
}
