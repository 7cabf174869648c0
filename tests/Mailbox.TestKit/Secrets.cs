using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Mailbox.TestKit;

/// <summary>
/// What no node may log: every name that <see cref="Names"/> gave, and what tests planted in bodies, tokens and keys. Each
/// node of the suite is looked through when it ends.
/// </summary>
public static partial class Secrets
{
    private const string Marker = "planted-secret-";

    private static readonly ConcurrentDictionary<string, byte> NameEnds = new(StringComparer.Ordinal);

    /// <summary>A value that is a valid name, token, key or body, and that is found wherever a node writes it.</summary>
    /// <param name="what">Says in a failure what it was: "body".</param>
    public static string Plant(string what) => Names.Fresh(Marker + what);

    /// <summary>The lines that hold a secret.</summary>
    public static IReadOnlyList<string> FindIn(IEnumerable<string> lines) =>
        [.. lines.Where(line =>
            line.Contains(Marker, StringComparison.OrdinalIgnoreCase) ||
            NameEnd().EnumerateMatches(line) is var ends && AnyIsOurs(line, ends))];

    internal static void WatchFor(string nameEnd) => NameEnds.TryAdd(nameEnd, 0);

    /// <exception cref="InvalidOperationException">A node wrote what it must not.</exception>
    internal static void ThrowIfIn(IEnumerable<string> output)
    {
        if (FindIn(output) is { Count: > 0 } lines)
        {
            throw new InvalidOperationException(
                "A node logged a payload, a token or a whole name:\n" + string.Join('\n', lines.Take(20)));
        }
    }

    private static bool AnyIsOurs(string line, Regex.ValueMatchEnumerator ends)
    {
        foreach (var end in ends)
        {
            if (NameEnds.ContainsKey(line.Substring(end.Index, end.Length)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How <see cref="Names"/> ends a name. Ids of nodes and receivers are longer.</summary>
    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])")]
    private static partial Regex NameEnd();
}
