using System.Globalization;

namespace Mailbox.Bench.Measuring;

/// <summary>What the kernel has accounted to processes, from /proc. Linux.</summary>
internal static class ProcessTimes
{
    /// <summary>USER_HZ: what /proc counts in, 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <returns>Seconds of CPU, user and system, of a process and those that it started.</returns>
    public static double CpuSeconds(int pid) => Family(pid).Sum(OwnCpuSeconds);

    /// <returns>Seconds of CPU of a process alone: this one has started the servers.</returns>
    public static double OwnCpuSeconds(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // its name may hold spaces
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Memory in use. What processes share counts once: half to each of two.</summary>
    public static long ResidentBytes(int pid) => Family(pid).Sum(one =>
        File.ReadLines($"/proc/{one}/smaps_rollup")
            .Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Sum(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024));

    /// <returns>Seconds of CPU that this machine has spent on anything, and seconds that were taken from it by others on its host.</returns>
    public static (double Busy, double Stolen) Machine()
    {
        // user nice system idle iowait irq softirq steal
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var busy = Number(fields[1]) + Number(fields[2]) + Number(fields[3]) + Number(fields[6]) + Number(fields[7]);
        return (busy / TicksPerSecond, Number(fields[8]) / TicksPerSecond);
    }

    private static IEnumerable<int> Family(int pid) =>
    [
        pid,
        .. File.ReadAllText($"/proc/{pid}/task/{pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(child => Family(int.Parse(child, CultureInfo.InvariantCulture))),
    ];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
