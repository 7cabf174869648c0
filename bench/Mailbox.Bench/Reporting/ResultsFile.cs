using Mailbox.Bench.Cases;

namespace Mailbox.Bench.Reporting;

/// <summary>The file of results. A run writes the sections of its cases anew and leaves the others.</summary>
internal sealed class ResultsFile(string path)
{
    private const string Head = """
        # Results

        Written by `./dev bench`; how to read them, and how to make them again: [README](README.md). Each figure is the median
        of the rounds, with the least and the most. Ratios are taken within a round.

        """;

    public async Task WriteAsync(Case @case, IReadOnlyList<string> machine, int rounds, string table)
    {
        var text = File.Exists(path) ? await File.ReadAllTextAsync(path) : Head;
        var (begin, end) = ($"<!-- case {@case.Name} -->\n", $"<!-- end of {@case.Name} -->\n");
        var measured = $"Measured {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {rounds} rounds, on:\n{string.Concat(machine.Select(line => $"- {line}\n"))}";
        var section = $"{begin}{table}\n{measured}{end}";
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        text = from < 0 || to < from ? $"{text.TrimEnd()}\n\n{section}" : text[..from] + section + text[(to + end.Length)..];
        await File.WriteAllTextAsync(path, text);
    }
}
