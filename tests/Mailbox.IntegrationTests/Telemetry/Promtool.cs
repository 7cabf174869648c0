using System.Diagnostics;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Telemetry;

/// <summary>Prometheus's own judge of pages and rules.</summary>
internal static class Promtool
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>What it says; empty when it has no objection.</summary>
    public static async Task<string> CheckAsync(string what, string? input, params string[] files)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Tools.Find("promtool", "apt-get install prometheus, or https://prometheus.io/download"), ["check", what, .. files])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode == 0 ? await error : $"{await output}{await error}";
    }
}
