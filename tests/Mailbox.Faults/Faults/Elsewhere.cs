using System.Diagnostics;
using Mailbox.Faults.Running;

namespace Mailbox.Faults;

/// <summary>Load on nodes that somebody else runs, and a command of the caller's that does something to them meanwhile.</summary>
internal static class Elsewhere
{
    /// <summary>Each transport, acknowledging and not.</summary>
    private const int KindsOfClient = 8;

    /// <summary>More than two heartbeats of a node with its own settings.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(35);

    public static Fault Of(string name, string? command, int clients) => new(name, "what a command does to nodes elsewhere", async scene =>
    {
        if (command is null)
        {
            await scene.PauseAsync(5);
            return;
        }

        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardInput = true })!;
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        scene.Expect(process.ExitCode == 0, $"the command ended with {process.ExitCode}");
    })
    {
        Load = new LoadPlan
        {
            ClientsOfEachKind = Math.Max(1, clients / KindsOfClient),
            AbsentEvery = 0,
            Patience = Patience,
        },
        CatchesUpWithin = TimeSpan.FromSeconds(30),
        SilenceBeforeGivingUp = Patience,
    };
}
