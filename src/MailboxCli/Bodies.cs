using System.IO.Pipelines;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mailbox.Cli;

/// <summary>The bodies that a command is to deliver: bytes, as they come.</summary>
internal static class Bodies
{
    /// <param name="given">Of the command line; null for the standard input.</param>
    /// <param name="isByLine">Each line of it by itself, without its line end.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async IAsyncEnumerable<byte[]> ReadAsync(
        string? given, bool isByLine, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (given is not null)
        {
            yield return Encoding.UTF8.GetBytes(given);
            yield break;
        }

        var reader = PipeReader.Create(Console.OpenStandardInput());
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (isByLine && rest.PositionOf((byte)'\n') is { } end)
            {
                yield return rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (!isByLine || !rest.IsEmpty)
                {
                    yield return rest.ToArray();
                }

                yield break;
            }

            reader.AdvanceTo(rest.Start, rest.End);
        }
    }
}
