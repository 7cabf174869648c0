using System.Net;
using System.Net.Sockets;

namespace Mailbox.TestKit;

/// <summary>
/// Loopback ports that nothing listens on. A port stays this process's own until it ends, so that what was stopped can
/// start again on it: test assemblies run side by side, and each holds a lock file for every port that it took.
/// </summary>
public static class FreePorts
{
    /// <summary>Below what Linux (32768) and macOS (49152) give to outgoing connections, which would take a port at any time.</summary>
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Taken = [];

    public static int Take() => TakeRow(1);

    /// <summary>So many, one behind the other.</summary>
    /// <returns>The first.</returns>
    public static int TakeRow(int count)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "mailbox-test-ports"));
        lock (Gate)
        {
            for (var attempt = 0; attempt < 2_000; attempt++)
            {
                var first = Random.Shared.Next(Lowest, Highest - count + 1);
                if (Enumerable.Range(first, count).All(port => TryTake(directory, port)))
                {
                    return first;
                }
            }
        }

        throw new InvalidOperationException($"No {count} free loopback ports in a row between {Lowest} and {Highest}.");
    }

    private static bool TryTake(DirectoryInfo directory, int port)
    {
        if (TryLock(Path.Combine(directory.FullName, $"{port}")) is not { } file)
        {
            return false;
        }

        Taken.Add(file);
        return IsFree(port);
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
