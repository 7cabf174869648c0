using System.Diagnostics;
using Mailbox.TestKit;

namespace Mailbox.ClientTests;

/// <summary>The packages, made once in a folder of their own.</summary>
public sealed class PackageFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public const string Version = "0.0.1-test";

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("mailbox-package-");

    public string Packages => Path.Combine(Directory.FullName, "packages");

    public async ValueTask InitializeAsync()
    {
        foreach (var project in new[] { "MailboxContracts", "MailboxClient" })
        {
            await RunAsync(
                "dotnet",
                "pack", Path.Combine(RepositoryRoot.Path, "src", project), "-c", "Release", "-o", Packages, $"-p:Version={Version}",
                "-p:ContinuousIntegrationBuild=true", "--artifacts-path", Path.Combine(Directory.FullName, "artifacts"));
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <returns>What it wrote.</returns>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // a build node that stays would keep our pipe open
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await error}");
        return await output;
    }
}
