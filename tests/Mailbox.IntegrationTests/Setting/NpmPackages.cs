using Mailbox.TestKit;

namespace Mailbox.IntegrationTests;

/// <summary>Packages of npm that tests need, as the lock file of their folder names them.</summary>
internal static class NpmPackages
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly Dictionary<string, Task> Installed = new(StringComparer.Ordinal);

    /// <summary>Once, for all that want them.</summary>
    /// <exception cref="MissingToolException">There is no npm.</exception>
    /// <exception cref="InvalidOperationException">npm failed; with its output.</exception>
    public static Task InstallAsync(string folder)
    {
        lock (Installed)
        {
            return Installed.TryGetValue(folder, out var running) ? running : Installed[folder] = RunAsync(folder);
        }
    }

    private static async Task RunAsync(string folder)
    {
        var installed = Path.Combine(folder, "node_modules", ".package-lock.json");
        if (File.GetLastWriteTimeUtc(installed) > File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            return;
        }

        await using var npm = await WatchedProcess.StartAsync(
            Tools.Find("npm", "apt-get install npm"), ["ci", "--ignore-scripts", "--prefer-offline", "--fetch-retries", "5"], workingDirectory: folder);
        var code = await npm.WaitForExitAsync(Deadline);
        if (code != 0)
        {
            throw new InvalidOperationException($"npm ci: {code}. {npm.Describe()}");
        }
    }
}
