using System.Runtime.InteropServices;

namespace Mailbox.TestKit;

/// <summary>Finds the programs that the tests start.</summary>
public static class Tools
{
    /// <summary>The <c>dotnet</c> that runs the tests; a test host may run with none on PATH.</summary>
    public static string Dotnet { get; } = FindDotnet();

    /// <exception cref="MissingToolException">It is not on PATH.</exception>
    public static string Find(string tool, string remedy) => OnPath(tool) ?? throw new MissingToolException(tool, remedy);

    private static string FindDotnet()
    {
        var hosting = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH");
        if (hosting is not null && File.Exists(hosting))
        {
            return hosting;
        }

        // …/shared/Microsoft.NETCore.App/<version>/ lies three below it.
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(beside) ? beside : Find("dotnet", "install the .NET 10 SDK");
    }

    private static string? OnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, tool))
            .FirstOrDefault(File.Exists);
}
