using System.Globalization;

namespace Mailbox.TestKit;

/// <summary>
/// Names for what outlives a process that is killed: network namespaces, interfaces, mounts. They tell whose they are, so
/// that the next run clears away what nobody has any more.
/// </summary>
internal static class Leftovers
{
    private const string Prefix = "mbx"; // an interface has 15 characters for its name, and a process number may have seven

    private static int _count;

    /// <summary>A name that nobody else has: <c>mbx4711-3</c>.</summary>
    public static string FreshName() => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    /// <summary>Whether a name is one of these, and the process that made it is no more.</summary>
    public static bool IsLeft(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) &&
        name.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash &&
        int.TryParse(name.AsSpan(Prefix.Length, dash - Prefix.Length), CultureInfo.InvariantCulture, out var pid) &&
        !Directory.Exists($"/proc/{pid}");
}
