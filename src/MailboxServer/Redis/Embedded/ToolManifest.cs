using System.Text.Json;

namespace Mailbox.Redis.Embedded;

/// <summary>A .NET tool that the manifest of a checkout names.</summary>
internal sealed record ToolManifest(string Directory, string Tool, string Version)
{
    private const string RelativePath = ".config/dotnet-tools.json";

    /// <summary>Walks up from the working directory, then from where the server's assembly lies.</summary>
    public static ToolManifest? FindNearest(string tool) =>
        FindFrom(Environment.CurrentDirectory, tool) ?? FindFrom(AppContext.BaseDirectory, tool);

    /// <summary>
    /// The tool's assembly itself, where NuGet put it. <c>dotnet tool run</c> stays as its parent, so that the engine
    /// would be another process than the one that was started; it is for a package folder in an unusual place.
    /// </summary>
    public EngineCommand ToCommand()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } moved
            ? moved
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var tools = Path.Combine(packages, Tool, Version, "tools");
        var assembly = System.IO.Directory.Exists(tools)
            ? System.IO.Directory.EnumerateFiles(tools, "GarnetServer.dll", SearchOption.AllDirectories).FirstOrDefault()
            : null;
        return assembly is null
            ? new EngineCommand(Tool, ["dotnet", "tool", "run", Tool, "--"], Directory)
            : new EngineCommand(Tool, ["dotnet", assembly], null);
    }

    private static ToolManifest? FindFrom(string start, string tool)
    {
        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            var file = Path.Combine(directory.FullName, RelativePath);
            if (File.Exists(file) && VersionIn(file, tool) is { } version)
            {
                return new ToolManifest(directory.FullName, tool, version);
            }
        }

        return null;
    }

    private static string? VersionIn(string file, string tool)
    {
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(file));
            return manifest.RootElement.GetProperty("tools").TryGetProperty(tool, out var entry)
                ? entry.GetProperty("version").GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException
            or IOException or UnauthorizedAccessException)
        {
            // Somebody else's manifest above the checkout must not keep the server from starting.
            return null;
        }
    }
}
