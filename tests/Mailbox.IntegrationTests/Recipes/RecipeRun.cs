using System.Diagnostics;
using System.Text;
using Mailbox.IntegrationTests.Samples;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>Types a recipe into a shell, as a reader would.</summary>
internal static class RecipeRun
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    /// <summary>It ends well, and shows what it says it does.</summary>
    public static async Task ShowsAsync(Recipe recipe)
    {
        // As it stands there but for its times: those are of a machine that does nothing else.
        var script = recipe.Script.Replace("sleep 1\n", "sleep 5\n", StringComparison.Ordinal).Replace(" -m 4 ", " -m 15 ", StringComparison.Ordinal);
        var (code, output) = await RunAsync(script);

        code.ShouldBe(0, output);
        foreach (var program in recipe.Expected)
        {
            var from = 0;
            foreach (var expected in program)
            {
                var at = output.IndexOf(expected, from, StringComparison.Ordinal);
                at.ShouldBeGreaterThanOrEqualTo(0, $"'{expected}' does not come, or not in its order:\n{output}");
                from = at + expected.Length;
            }
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string script)
    {
        var start = new ProcessStartInfo(Tools.Find("bash", "install bash"), ["-c", script])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var proxy in start.Environment.Keys.Where(name => name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(proxy); // everything is on this machine
        }

        start.Environment["PATH"] = SampleTools.PythonFolder + Path.PathSeparator + start.Environment["PATH"];
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
            await reading.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The recipe still runs after {Deadline}. Its output:\n{output}");
        }

        return (process.ExitCode, output.ToString());

        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (output)
                {
                    output.Append(line).Append('\n');
                }
            }
        }
    }
}
