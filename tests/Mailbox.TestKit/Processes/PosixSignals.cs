using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Mailbox.TestKit;

/// <summary>The signals that tests send. Stop and continue have other numbers on macOS.</summary>
internal static class PosixSignals
{
    private const int NoSuchProcess = 3;

    public static int Kill => 9;

    public static int Terminate => 15;

    public static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    public static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends to a process, or to a group when <paramref name="pid"/> is negative. One that is gone is no error.</summary>
    public static void Send(int pid, int signal)
    {
        if (pid is 0 or 1 or -1)
        {
            throw new ArgumentOutOfRangeException(nameof(pid), pid, "Names more than one process of ours.");
        }

        if (SendNative(pid, signal) != 0 && Marshal.GetLastPInvokeError() is var error && error != NoSuchProcess)
        {
            throw new Win32Exception(error, $"Signal {signal} to {pid} failed.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendNative(int pid, int signal);
}
