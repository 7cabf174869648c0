namespace Mailbox.Client.Receiving;

/// <summary>How long to wait before the next attempt: what the server told, else doubled pauses, jittered by a half.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    /// <summary>A server that tells days, by mistake, would keep its clients away when it is back.</summary>
    private static readonly TimeSpan LongestTold = TimeSpan.FromMinutes(5);

    private int _failures;

    public void Succeeded() => _failures = 0;

    /// <param name="told">When to come back, if the server said so.</param>
    /// <param name="mustGrow">The server answers each time, with the same word: what it told does not get it out of that.</param>
    public TimeSpan Next(TimeSpan? told, bool mustGrow = false)
    {
        var doubled = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        var own = TimeSpan.FromSeconds(doubled * (0.5 + (Random.Shared.NextDouble() / 2)));
        if (told is not { } time)
        {
            return own;
        }

        // What the server tells is jittered already. Zero would be a loop without a pause.
        var (shortest, bounded) = (first / 2, time < LongestTold ? time : LongestTold);
        bounded = bounded > shortest ? bounded : shortest;
        return mustGrow && own > bounded ? own : bounded;
    }
}
