using System.Globalization;
using System.Text;
using Mailbox.Bench.Cases;
using Mailbox.Bench.Measuring;

namespace Mailbox.Bench.Reporting;

/// <summary>The figures of a case as Markdown: medians with the least and the most, and ratios within a round.</summary>
internal static class CaseTable
{
    /// <summary>Of the machine's time: above it, a figure is told to be noise.</summary>
    private const double QuietShare = 10;

    /// <summary>What is told as a ratio, where it was measured.</summary>
    private static readonly Metric[] Compared =
        [Metric.TotalMicros, Metric.Throughput, Metric.P50, Metric.P99, Metric.ConnectionKilobytes, Metric.IdleCpu, Metric.Seconds];

    public static string Of(Case @case, IReadOnlyList<Sample> samples)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## {@case.Name}\n\n{@case.What}\n\n");
        var columns = @case.Columns.Concat([Metric.LoadMicros, Metric.Others])
            .Where(metric => samples.Any(sample => sample.Values.ContainsKey(metric)))
            .ToList();
        text.Append(CultureInfo.InvariantCulture, $"| | | {string.Join(" | ", columns.Select(column => column.Name))} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(columns.Select(_ => "--:|"))}\n");
        foreach (var row in samples.GroupBy(sample => (sample.Point, sample.Peer)).OrderBy(row => Place(samples, row.Key)))
        {
            var good = row.Where(sample => sample.Fault is null).ToList();
            text.Append(CultureInfo.InvariantCulture, $"| {row.Key.Point} | {row.Key.Peer} |");
            foreach (var column in columns)
            {
                text.Append(CultureInfo.InvariantCulture, $" {SpreadOf(good, column)?.Text(column.Format) ?? ""} |");
            }

            text.Append('\n');
        }

        text.Append('\n').Append(Ratios(@case, samples)).Append(Faults(samples)).Append(Noise(samples));
        return text.ToString();
    }

    /// <summary>The server under test against everyone else.</summary>
    public static string Ratios(Case @case, IReadOnlyList<Sample> samples)
    {
        var text = new StringBuilder();
        foreach (var others in samples.Where(sample => sample.Peer != "Mailbox").GroupBy(sample => (sample.Point, sample.Peer)))
        {
            var ratios = Compared.Where(@case.Columns.Contains)
                .Select(metric => (Metric: metric, Spread: Spread.Of(others.Select(other => Ratio(samples, other, metric)))))
                .Where(ratio => ratio.Spread is not null)
                .Select(ratio => $"{ratio.Metric.Name} **{ratio.Spread!.Median.ToString("0.00", CultureInfo.InvariantCulture)}** " +
                    string.Create(CultureInfo.InvariantCulture, $"({ratio.Spread.Least:0.00}–{ratio.Spread.Most:0.00})"))
                .ToList();
            if (ratios.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {others.Key.Point}: Mailbox is {others.Key.Peer} × {string.Join(" · ", ratios)}\n");
            }
        }

        return text.ToString();
    }

    private static double Ratio(IReadOnlyList<Sample> samples, Sample other, Metric metric)
    {
        var ours = samples.FirstOrDefault(
            sample => sample.Peer == "Mailbox" && sample.Point == other.Point && sample.Round == other.Round);
        return ours is { Fault: null } && other.Fault is null &&
            ours.Values.TryGetValue(metric, out var ourValue) && other.Values.TryGetValue(metric, out var otherValue)
            ? ourValue / otherValue
            : double.NaN;
    }

    private static string Faults(IReadOnlyList<Sample> samples) => string.Concat(samples
        .Where(sample => sample.Fault is not null)
        .Select(sample => $"- **void**, round {sample.Round}, {sample.Point}, {sample.Peer}: {sample.Fault}\n"));

    private static string Noise(IReadOnlyList<Sample> samples)
    {
        var loud = samples.Count(sample => sample.Values.GetValueOrDefault(Metric.Others) > QuietShare);
        return loud == 0
            ? ""
            : $"- **noise**: in {loud} of {samples.Count} measurements others had more than {QuietShare:0} % of the machine\n";
    }

    private static Spread? SpreadOf(IEnumerable<Sample> samples, Metric metric) =>
        Spread.Of(samples.Where(sample => sample.Values.ContainsKey(metric)).Select(sample => sample.Values[metric]));

    private static (int Point, int Peer) Place(IReadOnlyList<Sample> samples, (string Point, string Peer) row)
    {
        var points = samples.Select(sample => sample.Point).Distinct().ToList();
        string[] peers = ["Mailbox", "Mailbox before", "nchan+Redis", "SignalR", "Kestrel floor"];
        return (points.IndexOf(row.Point), Array.IndexOf(peers, row.Peer));
    }
}
