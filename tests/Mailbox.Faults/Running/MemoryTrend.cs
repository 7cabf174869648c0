namespace Mailbox.Faults.Running;

/// <summary>
/// Whether a process grows. What a burst needed is given back late, so single readings say little: the middle of the last
/// third of its life is held against the middle of the first.
/// </summary>
internal sealed class MemoryTrend
{
    /// <summary>Of fewer readings nothing is said: a young process still fills its tables.</summary>
    public const int LeastReadings = 12;

    /// <summary>Bytes from the first third to the last that are no growth yet.</summary>
    public const long Allowed = 40 << 20;

    private readonly List<long> _readings = [];

    public bool IsGrowing => _readings.Count >= LeastReadings && Last - First > Allowed;

    private int Third => Math.Max(1, _readings.Count / 3);

    private long First => Middle(_readings.Take(Third));

    private long Last => Middle(_readings.TakeLast(Third));

    public void Add(long bytes) => _readings.Add(bytes);

    public override string ToString() =>
        _readings.Count == 0 ? "no readings" : $"{First >> 20} MB, then {Last >> 20} MB, in {_readings.Count} readings";

    private static long Middle(IEnumerable<long> readings)
    {
        var sorted = readings.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
