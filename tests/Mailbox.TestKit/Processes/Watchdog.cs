using System.Diagnostics;

namespace Mailbox.TestKit;

/// <summary>
/// A shell between us and a child: its standard input is our pipe, and at end of file, also that of our violent death, it
/// kills the child and all that the child started. .NET has nothing for that on POSIX.
/// </summary>
/// <remarks>
/// The child leads a process group of its own, so that the kill reaches what it started, and Ctrl-C does not reach it. It
/// tells its own number in its first line, and the shell ends with its exit code. A signal to our whole group, as `timeout`
/// sends it, ends us and not the watcher.
/// </remarks>
internal static class Watchdog
{
    private const string Script = """
        exec 3<&0 </dev/null
        lead_group() {
          if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
          exec perl -e 'setpgrp; exec @ARGV or exit 127' "$@"
        }
        ( exec 3<&-; lead_group sh -c 'echo $$; exec "$@"' sh "$@" ) &
        child=$!
        ( trap '' HUP INT TERM
          while read -r _; do :; done <&3; kill -9 -$child; kill -9 $child ) >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait $child
        code=$?
        kill -9 $watcher
        exit $code
        """;

    public static ProcessStartInfo Over(string file, IEnumerable<string> arguments) =>
        OperatingSystem.IsWindows()
            ? throw new PlatformNotSupportedException("The tests start processes on Linux and macOS only.")
            : new("/bin/sh", ["-c", Script, "sh", file, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
}
