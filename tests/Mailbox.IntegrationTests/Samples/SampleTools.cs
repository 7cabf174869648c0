using System.Diagnostics;
using System.Reflection;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Samples;

/// <summary>The interpreters that run the samples, with the packages that these name.</summary>
internal static class SampleTools
{
    private static readonly Lazy<string> Python = new(FindPython);

    /// <summary>The folder of a <c>python3</c> that has the package <c>redis</c>.</summary>
    public static string PythonFolder => Path.GetDirectoryName(Python.Value)!;

    public static string Folder { get; } = Path.Combine(RepositoryRoot.Path, "samples");

    /// <summary>The command that runs a sample: the interpreter, then the file.</summary>
    public static async Task<(string Program, string[] Arguments)> CommandOfAsync(string sample)
    {
        var file = Path.Combine(Folder, sample);
        if (sample == "demos" || sample.StartsWith("dotnet-", StringComparison.Ordinal))
        {
            return (Tools.Dotnet, [AssemblyOf(sample)]);
        }

        switch (Path.GetExtension(sample))
        {
            case ".py":
                return (Python.Value, ["-u", file]);
            case ".mjs":
                await NpmPackages.InstallAsync(Path.Combine(Folder, "node"));
                return (Tools.Find("node", "apt-get install nodejs"), [file]);
            case ".sh":
                _ = Tools.Find("curl", "apt-get install curl");
                _ = Tools.Find("redis-cli", "apt-get install redis-tools");
                return (Tools.Find("bash", "install bash"), [file]);
            default:
                throw new ArgumentException($"Who runs {sample}?", nameof(sample));
        }
    }

    /// <summary>Built with the tests, which name its project.</summary>
    private static string AssemblyOf(string sample)
    {
        var configuration = typeof(SampleTools).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var project = Path.GetFileNameWithoutExtension(Directory.GetFiles(Path.Combine(Folder, sample), "*.csproj").Single());
        return Path.Combine(Folder, sample, "bin", configuration, "net10.0", project + ".dll");
    }

    /// <summary>The system's Python has what apt installs; one that comes before it on PATH may not.</summary>
    private static string FindPython()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, "python3"));
        return onPath.Append("/usr/bin/python3").Where(File.Exists).FirstOrDefault(HasRedis) ??
            throw new MissingToolException("python3 with its module redis", "apt-get install python3 python3-redis");
    }

    private static bool HasRedis(string python)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import redis"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
