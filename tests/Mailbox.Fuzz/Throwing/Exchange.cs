using System.Net.Sockets;
using Mailbox.TestKit;

namespace Mailbox.Fuzz.Throwing;

/// <summary>Writes bytes to a connection of its own and reads what comes: an answer, a stream's beginning, or the end.</summary>
internal static class Exchange
{
    /// <summary>A request that is not whole gets no answer: after this long our side ends, and so must the server's.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private const int Enough = 256 * 1024;

    /// <param name="isAnswered">Whether what has come so far is all that is waited for.</param>
    /// <exception cref="FindingException">Neither an answer nor an end.</exception>
    public static async Task<(byte[] Read, bool IsClosed)> RunAsync(Uri node, byte[] bytes, Func<byte[], bool> isAnswered)
    {
        await using var raw = await RawHttp.ConnectAsync(node);
        var writing = WriteAsync(raw, bytes);
        using var read = new MemoryStream();
        var buffer = new byte[32 * 1024];
        var isClosed = false;
        var hasEnded = false;
        while (read.Length < Enough)
        {
            var isWhole = read.Length > 0 && isAnswered(read.ToArray());
            var wait = isWhole ? Quiet : hasEnded ? Deadline : Patience;
            using var silence = new CancellationTokenSource(wait);
            try
            {
                var count = await raw.Stream.ReadAsync(buffer, silence.Token);
                if (count == 0)
                {
                    isClosed = true;
                    break;
                }

                read.Write(buffer.AsSpan(0, count));
            }
            catch (IOException)
            {
                isClosed = true; // reset: as good as closed
                break;
            }
            catch (OperationCanceledException) when (isWhole)
            {
                break;
            }
            catch (OperationCanceledException) when (hasEnded)
            {
                throw new FindingException($"Neither an answer nor an end within {Deadline} after our side ended.");
            }
            catch (OperationCanceledException)
            {
                await writing;
                hasEnded = true;
                End(raw);
            }
        }

        await writing;
        return (read.ToArray(), isClosed);
    }

    private static async Task WriteAsync(RawHttp raw, byte[] bytes)
    {
        try
        {
            await raw.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // Refused and closed before it had read all.
        }
    }

    private static void End(RawHttp raw)
    {
        try
        {
            raw.Stream.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side was first.
        }
    }
}
