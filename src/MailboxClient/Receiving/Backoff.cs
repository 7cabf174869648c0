namespace Mailbox.Client.Receiving;

/// <summary>How long to wait before the next attempt: what the server told, else doubled pauses, jittered by a half.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int _failures;

    public void Succeeded() => _failures = 0;

    public TimeSpan Next(TimeSpan? told)
    {
        var doubled = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;

        // What the server tells is jittered already.
        return told ?? TimeSpan.FromSeconds(doubled * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
