using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Mailbox.Redis.Embedded;

/// <summary>
/// A Windows job that ends its processes when its last handle is closed: by us, or by the system when this process ends.
/// https://learn.microsoft.com/windows/win32/procthread/job-objects
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class KillOnCloseJob : IDisposable
{
    private const int ExtendedLimitInformation = 9;
    private const uint KillOnJobClose = 0x2000;

    private readonly SafeFileHandle _handle;

    private KillOnCloseJob(SafeFileHandle handle) => _handle = handle;

    public static KillOnCloseJob Around(Process process)
    {
        var handle = new SafeFileHandle(CreateJobObjectW(0, 0), ownsHandle: true);
        var limits = new ExtendedLimits { Basic = { LimitFlags = KillOnJobClose } };
        if (handle.IsInvalid
            || SetInformationJobObject(
                handle.DangerousGetHandle(), ExtendedLimitInformation, ref limits, Marshal.SizeOf<ExtendedLimits>()) == 0
            || AssignProcessToJobObject(handle.DangerousGetHandle(), process.Handle) == 0)
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            process.Kill(entireProcessTree: true);
            handle.Dispose();
            throw error;
        }

        return new KillOnCloseJob(handle);
    }

    public void Dispose() => _handle.Dispose();

    // Only blittable types: LibraryImport would want AllowUnsafeBlocks for the whole server.
    [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint CreateJobObjectW(nint attributes, nint name);

    [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetInformationJobObject(nint job, int kind, ref ExtendedLimits limits, int length);

    [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int AssignProcessToJobObject(nint job, nint process);

    /// <summary>JOBOBJECT_BASIC_LIMIT_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BasicLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint LimitFlags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
    }

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION, with IO_COUNTERS as its six counts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimits
    {
        public BasicLimits Basic;
        public ulong ReadOperations;
        public ulong WriteOperations;
        public ulong OtherOperations;
        public ulong ReadBytes;
        public ulong WriteBytes;
        public ulong OtherBytes;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }
}
