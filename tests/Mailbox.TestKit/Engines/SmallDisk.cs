namespace Mailbox.TestKit;

/// <summary>A directory on a disk of its own that is soon full: a tmpfs. Needs root, and Linux.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Mounts = "/proc/self/mounts";

    private readonly string _directory;

    private SmallDisk(string directory) => _directory = directory;

    /// <summary>Over a directory that is there and empty.</summary>
    public static async Task<SmallDisk> MountAsync(string directory, long bytes)
    {
        await ClearLeftoversAsync();
        await Command.RunAsync(Tools.Find("mount", "apt-get install mount"), "-t", "tmpfs", "-o", $"size={bytes}", Leftovers.FreshName(), directory);
        return new SmallDisk(directory);
    }

    /// <summary>The directory is empty again, and back on the disk that it was on. What was killed in it may still be going.</summary>
    public async ValueTask DisposeAsync() => await Eventually.HoldsAsync(
        async () =>
        {
            await Command.RunAsync(Tools.Find("umount", "apt-get install mount"), _directory);
            return true;
        },
        TimeSpan.FromSeconds(20),
        "the disk is unmounted");

    private static async Task ClearLeftoversAsync()
    {
        foreach (var mount in (await File.ReadAllLinesAsync(Mounts)).Select(line => line.Split(' ')).Where(mount => Leftovers.IsLeft(mount[0])))
        {
            await Command.TryAsync("umount", mount[1]);
        }
    }
}
