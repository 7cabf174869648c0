using System.Globalization;

namespace Mailbox.Bench.Reporting;

/// <summary>What several rounds gave.</summary>
internal sealed record Spread(double Median, double Least, double Most)
{
    public static Spread? Of(IEnumerable<double> values)
    {
        var sorted = values.Where(double.IsFinite).Order().ToList();
        if (sorted.Count == 0)
        {
            return null;
        }

        var middle = sorted.Count / 2;
        var median = sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    public string Text(string format, bool withRange = true)
    {
        var text = Median.ToString(format, CultureInfo.InvariantCulture);
        return withRange && Least < Most
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{text} ({Least.ToString(format, CultureInfo.InvariantCulture)}–{Most.ToString(format, CultureInfo.InvariantCulture)})")
            : text;
    }
}
