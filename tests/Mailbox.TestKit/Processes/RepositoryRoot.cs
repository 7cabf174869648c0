namespace Mailbox.TestKit;

/// <summary>Where the checkout begins: the nearest directory above the tests that holds the solution.</summary>
public static class RepositoryRoot
{
    private const string Marker = "Mailbox.sln";

    public static string Path { get; } =
        Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory) ??
        throw new DirectoryNotFoundException(
            $"No {Marker} above {AppContext.BaseDirectory} nor above {Environment.CurrentDirectory}.");

    private static string? Above(string start)
    {
        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, Marker)))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}
