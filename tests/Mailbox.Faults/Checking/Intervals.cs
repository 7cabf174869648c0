namespace Mailbox.Faults.Checking;

/// <summary>Spans of time, those that touch made one, so that a long run with many faults is asked quickly.</summary>
internal sealed class Intervals
{
    private readonly List<double> _from = [];
    private readonly List<double> _to = [];

    public Intervals(IEnumerable<(double From, double To)> spans)
    {
        foreach (var (from, to) in spans.OrderBy(span => span.From))
        {
            if (_to.Count > 0 && from <= _to[^1])
            {
                _to[^1] = Math.Max(_to[^1], to);
            }
            else
            {
                _from.Add(from);
                _to.Add(to);
            }
        }
    }

    public bool Overlap(double from, double to)
    {
        var found = _from.BinarySearch(to);
        var last = found >= 0 ? found : ~found - 1;
        return last >= 0 && _to[last] >= from;
    }
}
