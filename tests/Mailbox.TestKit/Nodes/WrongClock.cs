using System.Globalization;

namespace Mailbox.TestKit;

/// <summary>A wall clock that is off, for one process: libfaketime, loaded before all else. Linux.</summary>
internal static class WrongClock
{
    private const string Remedy = "apt-get install faketime";

    // What apt installs lies where no loader looks by itself.
    private static string Library => Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu")
            .Select(directory => Path.Combine(directory, "faketime", "libfaketime.so.1"))
            .FirstOrDefault(File.Exists) ?? throw new MissingToolException("libfaketime.so.1", Remedy)
        : throw new MissingToolException("libfaketime.so.1", Remedy);

    public static Dictionary<string, string> EnvironmentOf(TimeSpan offset) => offset == TimeSpan.Zero
        ? []
        : new()
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME"] = ((long)offset.TotalSeconds).ToString("+0;-0", CultureInfo.InvariantCulture),
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", // timers and deadlines
        };
}
