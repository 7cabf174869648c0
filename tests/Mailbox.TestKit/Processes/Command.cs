using System.Diagnostics;

namespace Mailbox.TestKit;

/// <summary>A short program of the system that is run to its end: <c>ip</c>, <c>iptables</c>, <c>mount</c>.</summary>
internal static class Command
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <returns>Its standard output.</returns>
    /// <exception cref="InvalidOperationException">It ended with an error; with what it said.</exception>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {process.ExitCode}. {await error}".TrimEnd());
    }

    /// <summary>For what is cleared away: it may be gone already.</summary>
    public static async Task TryAsync(string program, params string[] arguments)
    {
        try
        {
            await RunAsync(program, arguments);
        }
        catch (InvalidOperationException)
        {
            // Gone.
        }
    }
}
