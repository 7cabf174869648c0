using System.Diagnostics;
using System.Runtime.InteropServices;
using Mailbox.Bench.Cases;
using Mailbox.Bench.Peers;
using Mailbox.TestKit;

namespace Mailbox.Bench.Measuring;

/// <summary>Where figures come from: without it they mean nothing.</summary>
internal static class MachineDescription
{
    public static IReadOnlyList<string> Lines(Scale scale, PeerOptions options) =>
    [
        $"{Environment.ProcessorCount} cores, {Processor()}, {Memory()} of memory",
        $"{Distribution()}, Linux {FirstLine("uname", "-r")}; {RuntimeInformation.FrameworkDescription}",
        $"{FirstLine("redis-server", "--version")}; {FirstLine(NchanPeer.FindNginx(), "-v")} with nchan {NchanVersion()}",
        $"Redis: one process for each peer that has one, `appendonly {options.RedisSettings["appendonly"]}`, no snapshots; " +
            $"nginx: {(options.NginxWorkers == 0 ? "one worker a core" : $"{options.NginxWorkers} workers")}",
        $"{scale.Senders} senders, each with one request at a time; all on loopback, with the load program on the same cores",
    ];

    private static string Processor() =>
        ValueOf("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Memory()
    {
        var kilobytes = ValueOf("/proc/meminfo", "MemTotal")!.Split(' ')[0];
        return $"{long.Parse(kilobytes, System.Globalization.CultureInfo.InvariantCulture) / 1024.0 / 1024:0} GiB";
    }

    private static string Distribution() => File.Exists("/etc/os-release")
        ? File.ReadLines("/etc/os-release").First(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))[12..].Trim('"')
        : "unknown";

    private static string NchanVersion() => File.Exists("/var/lib/dpkg/status")
        ? FirstLine("dpkg-query", "-W", "-f=${Version}", "libnginx-mod-nchan")
        : "of this system";

    private static string? ValueOf(string file, string name) => File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    private static string FirstLine(string program, params string[] arguments)
    {
        var path = Path.IsPathRooted(program) ? program : Tools.Find(program, $"apt-get install {program}");
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true, // nginx tells its version there
        })!;
        var line = process.StandardOutput.ReadLine() ?? process.StandardError.ReadLine() ?? "";
        process.WaitForExit();
        return line;
    }
}
