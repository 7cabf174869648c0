using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mailbox.Cli;

/// <summary>
/// The standard output, told when nobody reads it any more: .NET's own passes over that in silence, and messages would be
/// acknowledged that nobody saw (<c>mailbox listen alice | head -1</c>).
/// </summary>
internal static class StandardOutput
{
    private const int Handle = 1;

    private static readonly TextWriter Writer = new StreamWriter(Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    /// <exception cref="IOException">Nobody reads it.</exception>
    public static void WriteLine(string line) => Writer.Write(line + "\n");

    private static Stream Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            var stream = new FileStream(new SafeFileHandle(Handle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!stream.CanSeek)
            {
                return stream; // a file has a place of its own in such a stream, which others who write there would not move
            }
        }

        return Console.OpenStandardOutput();
    }
}
