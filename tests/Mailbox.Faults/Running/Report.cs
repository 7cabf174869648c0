using System.Globalization;
using System.Text;

namespace Mailbox.Faults.Running;

/// <summary>What a run showed, for people.</summary>
internal static class Report
{
    private const string Begin = "<!-- faults: written by ./dev faults --report -->";
    private const string End = "<!-- end of faults -->";

    /// <summary>Writes the table between its two marks; several runs of a fault are added up.</summary>
    /// <exception cref="InvalidOperationException">The file has no marks.</exception>
    public static async Task WriteTableAsync(string path, IReadOnlyList<RunResult> results)
    {
        var text = await File.ReadAllTextAsync(path);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{path} has no place for the table: {Begin} … {End}");
        }

        var table = new StringBuilder("| fault | what happens | runs | acknowledged | lost | announced | duplicates | caught up after |\n|---|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (var runs in results.GroupBy(result => result.Fault.Name))
        {
            var figures = runs.Select(run => run.Check.Figures).ToList();
            var slowest = figures.Max(one => one.CaughtUp?.TotalSeconds ?? double.NaN);
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{runs.Key}` | {runs.First().Fault.What} | {runs.Count()} | {figures.Sum(one => one.Accepted)} ");
            table.Append(
                CultureInfo.InvariantCulture,
                $"| {figures.Sum(one => one.Lost)} | {figures.Sum(one => one.Announced)} | {figures.Sum(one => one.Duplicates)} | {slowest:0.0} s |\n");
        }

        await File.WriteAllTextAsync(path, $"{text[..(begin + Begin.Length)]}\n{table}{text[end..]}");
    }

    /// <summary>What the producers were answered. With a key they ask until they know.</summary>
    public static string DeliveriesOf(RunResult result)
    {
        var figures = result.Check.Figures;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"deliveries: {figures.Attempted} attempted, {figures.Accepted} accepted, {figures.Refused} refused, {figures.Unknown} without a sure answer, of these with a key {result.UnsureWithKey}; received {figures.Received}");
    }

    public static string LineOf(RunResult result)
    {
        var figures = result.Check.Figures;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(result.Passed ? "ok  " : "FAIL")} {result.Fault.Name,-24}");
        text.Append(CultureInfo.InvariantCulture, $" acknowledged {figures.Accepted}, lost {figures.Lost}");
        text.Append(CultureInfo.InvariantCulture, $" (announced {figures.Announced}), duplicates {figures.Duplicates},");
        text.Append(CultureInfo.InvariantCulture, $" gaps {figures.Gaps}, resets {figures.Resets},");
        text.Append(CultureInfo.InvariantCulture, $" caught up {figures.CaughtUp?.TotalSeconds ?? double.NaN:0.0} s,");
        text.Append(CultureInfo.InvariantCulture, $" wake p50 {figures.WakeP50:0} p99 {figures.WakeP99:0} ms, took {result.Took.TotalSeconds:0} s");
        foreach (var failure in result.Failures)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n     {failure}");
        }

        foreach (var violations in result.Check.Violations.GroupBy(violation => violation.Rule))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n     {violations.Key}: {violations.Count()}");
            foreach (var violation in violations.Take(5))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n       {violation.Text} (line {violation.Index + 1})");
            }
        }

        if (!result.Passed)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n     history {result.HistoryFile}, seed {result.Seed}");
        }

        return text.ToString();
    }
}
