using System.Diagnostics;
using Mailbox.TestKit;

namespace Mailbox.Faults.Mutations;

/// <summary>A copy of the server's source in which mutations are made and undone, one at a time, and built.</summary>
internal sealed class MutantBuild : IDisposable
{
    private const string Configuration = "Release";

    private readonly string _copy = Directory.CreateTempSubdirectory("mailbox-mutant-").FullName;

    private MutantBuild()
    {
    }

    private string Server => Path.Combine(_copy, "src", "MailboxServer");

    public static MutantBuild Create()
    {
        var build = new MutantBuild();
        var root = RepositoryRoot.Path;
        foreach (var file in Directory.EnumerateFiles(root).Where(file => !file.EndsWith(".sln", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(build._copy, Path.GetFileName(file)));
        }

        string[] folders = [Path.Combine(root, "build", "package"), Path.Combine(root, "src")];
        foreach (var file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            var relative = Path.GetRelativePath(root, file);
            if (!relative.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(build._copy, relative))!);
                File.Copy(file, Path.Combine(build._copy, relative));
            }
        }

        return build;
    }

    /// <summary>Builds the server with this mutation, runs something on it, and takes the mutation back.</summary>
    /// <exception cref="InvalidOperationException">The source has changed so that the mutation no longer fits, or does not compile.</exception>
    public async Task<T> WithAsync<T>(Mutation mutation, Func<Task<T>> runAsync)
    {
        var originals = new Dictionary<string, string>();
        try
        {
            foreach (var (changed, text) in mutation.ApplyTo(Server))
            {
                var file = Path.Combine(Server, changed);
                originals[file] = await File.ReadAllTextAsync(file);
                await File.WriteAllTextAsync(file, text);
            }

            await BuildAsync(mutation);
            Environment.SetEnvironmentVariable(
                "MAILBOX_SERVER_DLL", Path.Combine(Server, "bin", Configuration, "net10.0", "MailboxServer.dll"));
            return await runAsync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("MAILBOX_SERVER_DLL", null);
            foreach (var (file, text) in originals)
            {
                await File.WriteAllTextAsync(file, text);
            }
        }
    }

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    private async Task BuildAsync(Mutation mutation)
    {
        // What a mutation leaves unused is no reason to refuse it.
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", ["build", Server, "-c", Configuration, "--nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=false", "-p:EnforceCodeStyleInBuild=false", "-p:RunAnalyzers=false", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{mutation.Name} does not compile: {output}");
        }
    }
}
